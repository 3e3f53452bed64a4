// @ts-check
// A small calculation as a graph that one steps through, forwards and backwards.

import { box, element, number, svg } from "../kit/elements.js";
import { stage } from "../kit/stage.js";
import { arrow } from "./boxes.js";
import { sweep, written } from "./calculation.js";
import { say, signed } from "./steps.js";

/** @typedef {import("./calculation.js").Calculation} Calculation */

const PACE = 1300; // milliseconds for a step
const NARROW = 480; // pixels, as in the styles
const LONG = 4, SHORT = 2; // places along the calculation and across it

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, choice, player, resets, show } = stage(context);
  /** @type {Record<string, Calculation>} */
  const all = get("calculations");
  const now = () => all[get("calculation")], last = () => 2 * now().steps.length;
  const at = () => Math.min(get("step"), last());
  const go = (/** @type {number} */ step) => change({ step });

  let waited = 0;
  const run = player("Play", (ms) => {
    waited += ms;
    if (waited < PACE) return;
    waited = 0;
    go(at() + 1);
    if (at() === last()) run.stop();
  }, {
    step: ["Next step", () => go(at() === last() ? 0 : at() + 1)],
    begin: () => ((waited = PACE), at() === last() && go(0)),
  });
  const back = run.once("Step back", () => go(Math.max(0, at() - 1)));

  const arrows = svg("svg", { "aria-hidden": "true" });
  const graph = box("gnb-graph-steps", arrows);
  const sliders = [0, 1, 2].map((i) => slider({ label: `input ${i + 1}`, trait: "inputs", part: i, limits: "inputs", step: 0.1 }));
  body.append(
    choice({
      label: "calculation", trait: "calculation", options: Object.keys(all).map((name) => [name, name]),
      set: (name) => change({ calculation: name, inputs: all[name].start, step: 0 }),
    }).node,
    graph,
    run.row([back], box("gnb-sliders", ...sliders.map(({ node }) => node))),
  );

  /** @type {Record<string, {node: HTMLElement, value: HTMLElement, slope: HTMLElement}>} */
  let boxes = {};
  /** @type {{from: string, to: string, nth: number, line: SVGElement, label: HTMLElement}[]} */
  let edges = [];
  let drawn = "";
  /** Make the boxes and the arrows of another calculation. */
  function make() {
    const { inputs, steps, places } = now();
    drawn = get("calculation");
    edges = steps.flatMap(([to, , ...taken]) =>
      taken.map((from, nth) => ({ from, to, nth, line: svg("path"), label: element("span", { class: "gnb-local" }) })));
    boxes = Object.fromEntries(Object.keys(places).map((name) => {
      const step = steps.find(([made]) => made === name), text = step ? `${name} = ${written(step, (each) => each)}` : name;
      const value = element("span", { class: "gnb-made" }), slope = element("span", { class: "gnb-slope" });
      return [name, { value, slope, node: box("gnb-number", element("span", { class: "gnb-name" }, text), value, slope) }];
    }));
    arrows.replaceChildren(...edges.map(({ line }) => line));
    graph.replaceChildren(arrows, ...Object.values(boxes).map(({ node }) => node), ...edges.map(({ label }) => label));
    sliders.forEach(({ node }, i) => {
      node.hidden = !inputs[i];
      for (const label of node.querySelectorAll(".gnb-label")) label.textContent = inputs[i] ?? "";
      for (const input of node.querySelectorAll("input")) input.setAttribute("aria-label", inputs[i] ?? "");
    });
  }
  /** Lay them out: from left to right, or on a narrow page from top to bottom. */
  function lay() {
    const { places, steps } = now(), [width, height] = [graph.clientWidth, graph.clientHeight], down = width < NARROW;
    const spot = (/** @type {string} */ name) => {
      const [along, across] = places[name].map((place, i) => (place + 0.5) / [LONG, SHORT][i]);
      return down ? [across * width, along * height] : [along * width, across * height];
    };
    const put = (/** @type {HTMLElement} */ node, /** @type {number[]} */ [x, y]) => (node.style.cssText = `left:${x}px;top:${y}px`);
    for (const [name, { node }] of Object.entries(boxes)) put(node, spot(name));
    for (const { from, to, nth, line, label } of edges) {
      const twice = steps.some(([made, , u, v]) => made === to && u === v);
      const { path, middle } = arrow(spot(from), spot(to), twice ? [-27, 27][nth] : 0);
      line.setAttribute("d", path);
      put(label, middle);
    }
  }
  resets.push(() => (waited = 0));

  return show((look) => {
    const other = drawn !== get("calculation");
    if (other) make();
    if ((other || look) && graph.clientWidth) lay();
    const { steps } = now(), count = steps.length, k = at();
    const { values, back: handed, last: end } = sweep(now(), get("inputs"));
    const made = new Set([...now().inputs, ...steps.slice(0, k).map(([name]) => name)]);
    const swept = handed.slice(0, Math.max(0, k - count));
    /** @type {Record<string, number[]>} */
    const arrived = k >= count ? { [end]: [1] } : {};
    swept.forEach((parts) => parts.forEach(({ from, part }) => (arrived[from] ??= []).push(part)));
    const active = k === 0 ? -1 : k <= count ? k - 1 : 2 * count - k;
    for (const [name, { node, value, slope }] of Object.entries(boxes)) {
      value.textContent = made.has(name) ? number(values[name]) : "?";
      const parts = arrived[name] ?? [];
      slope.textContent = parts.length ? `slope ${parts.map((part, i) => (i ? signed(part) : number(part))).join(" + ")}` : "";
      node.toggleAttribute("data-active", steps[active]?.[0] === name);
    }
    for (const { from, to, nth, line, label } of edges) {
      const place = steps.findIndex(([name]) => name === to), parts = swept[count - 1 - place];
      const local = parts?.filter((part) => part.from === from)[steps[place][2] === steps[place][3] ? nth : 0]?.local;
      label.textContent = local === undefined ? "" : `\u00d7 ${number(local)}`;
      label.hidden = local === undefined;
      line.toggleAttribute("data-active", place === active);
    }
    readout.textContent = say(now(), k, values, swept, arrived);
  });
}

export default { render };
