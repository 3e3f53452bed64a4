// @ts-check
// A graph: lines over one horizontal axis, in a box that stretches with the page.

import { draggable } from "./drag.js";
import { box, element, svg } from "./elements.js";

const SIDE = 1000;

/**
 * @param {{x: number[], y: number[], label: string, lines: string[], fills?: string[], ticks?: [number, string][], look?: string}} options
 *   the ends of both axes; names of lines and of areas under them, first at the back, of the class gnb-hue-NAME;
 *   what stands below the axis; a class of the whole
 */
export function graph({ x: [left, right], y, label, lines, fills = [], ticks = [], look = "" }) {
  let [low, high] = y;
  const make = (/** @type {string[]} */ names, /** @type {string} */ kind) =>
    Object.fromEntries(names.map((name) => [name, svg("path", { class: `${kind} gnb-hue-${name}` })]));
  const areas = make(fills, "gnb-fill"), paths = make(lines, "gnb-graph-line");
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...Object.values(areas), ...Object.values(paths),
  );
  const scale = element("div", { class: "gnb-levels", "aria-hidden": "true" });
  const plot = element("div", { class: "gnb-plot", role: "img", "aria-label": label }, scale, drawing);
  const across = (/** @type {number} */ v) => (v - left) / (right - left);
  const down = (/** @type {number} */ v) => (high - v) / (high - low);
  return {
    node: box(`gnb-graph ${look}`, plot, ...(ticks.length ? [axis(ticks, across)] : [])),
    plot,
    paths,
    /** Something to put on the plot. @param {string} look its class */
    add(look) {
      const node = element("span", { class: look, "aria-hidden": "true" });
      plot.append(node);
      return node;
    },
    /** Draw a line, and the area between it and nought. @param {string} name @param {ArrayLike<number>} xs @param {ArrayLike<number> | ((x: number) => number)} ys */
    line(name, xs, ys) {
      const height = typeof ys === "function" ? ys : (/** @type {number} */ _, /** @type {number} */ i) => ys[i];
      const place = (/** @type {number} */ a, /** @type {number} */ b) =>
        `${(SIDE * across(a)).toFixed(1)} ${(SIDE * Math.min(3, Math.max(-2, down(b)))).toFixed(1)}`;
      const path = `M${Array.from(xs, (a, i) => place(a, height(a, i))).join("L")}`;
      paths[name].setAttribute("d", path);
      areas[name]?.setAttribute("d", `${path}L${place(xs[xs.length - 1], 0)}L${place(xs[0], 0)}Z`);
    },
    /** Levels with a name each, on an axis with these ends. @param {[number, string][]} named @param {number[]} [ends] */
    levels(named, ends = [low, high]) {
      [low, high] = ends;
      scale.replaceChildren(...named.map(([at, text]) => element("span", { style: `top:${100 * down(at)}%` }, text)));
    },
    /** Put something at a point, out of sight where the plot ends. @param {HTMLElement} node @param {number} a @param {number} [b] */
    put(node, a, b) {
      node.style.left = `${100 * across(a)}%`;
      if (b === undefined) return;
      node.style.top = `${100 * down(b)}%`;
      node.hidden = !(b >= low && b <= high);
    },
    /** Drag on the plot, or on something in it. @param {(a: number, b: number, first: boolean) => void} moved @param {HTMLElement} [target] */
    drag: (moved, target = plot) => draggable(target, (a, b, first) => moved(left + a * (right - left), high - b * (high - low), first), { frame: plot }),
  };
}

/**
 * Names below an axis.
 * @param {[number, string][]} ticks
 * @param {(v: number) => number} across where a number lies on it, from 0 to 1
 */
export const axis = (ticks, across) =>
  element("div", { class: "gnb-ticks", "aria-hidden": "true" },
    ...ticks.map(([at, text]) => element("span", { style: `left:${100 * across(at)}%` }, text)));
