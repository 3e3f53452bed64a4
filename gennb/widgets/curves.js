// @ts-check
// A graph: lines over one horizontal axis, in a box that stretches with the page.

import { element, svg } from "./controls.js";

const SIDE = 1000;

/**
 * @param {{x: number[], y: number[], label: string, lines: string[], fills?: string[], ticks?: [number, string][]}} options
 *   the ends of both axes; names of lines and of areas under them, first at the back, of the class gnb-hue-NAME;
 *   what stands below the axis
 */
export function graph({ x: [left, right], y, label, lines, fills = [], ticks = [] }) {
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
  const below = element("div", { class: "gnb-ticks", "aria-hidden": "true" },
    ...ticks.map(([at, text]) => element("span", { style: `left:${100 * across(at)}%` }, text)));
  return {
    node: element("div", { class: "gnb-graph" }, plot, ...(ticks.length ? [below] : [])),
    plot,
    paths,
    /** Draw a line, and the area between it and nought. @param {string} name @param {number[]} xs @param {number[]} ys */
    line(name, xs, ys) {
      const place = (/** @type {number} */ a, /** @type {number} */ b) =>
        `${(SIDE * across(a)).toFixed(1)} ${(SIDE * Math.min(3, Math.max(-2, down(b)))).toFixed(1)}`;
      const path = `M${xs.map((a, i) => place(a, ys[i])).join("L")}`;
      paths[name].setAttribute("d", path);
      areas[name]?.setAttribute("d", `${path}L${place(xs[xs.length - 1], 0)}L${place(xs[0], 0)}Z`);
    },
    /** Levels with a name each, on an axis with these ends. @param {[number, string][]} named @param {number[]} [ends] */
    levels(named, ends = [low, high]) {
      [low, high] = ends;
      scale.replaceChildren(...named.map(([at, text]) =>
        element("span", { style: `top:${100 * down(at)}%` }, text)));
    },
    /** Put something at a point. @param {HTMLElement} node @param {number} a @param {number} [b] */
    put(node, a, b) {
      node.style.left = `${100 * across(a)}%`;
      if (b !== undefined) node.style.top = `${100 * down(b)}%`;
    },
    /** What lies at these fractions of the width and of the height. @param {number} a @param {number} b */
    at: (a, b) => [left + a * (right - left), high - b * (high - low)],
  };
}
