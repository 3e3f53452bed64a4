// @ts-check
// Two densities and a discriminator that the reader bends: its value against the best one's.

import { graph } from "./curves.js";
import { button, element, frame, number, painter, slider, toggle } from "./controls.js";
import { draggable } from "./drag.js";

const VIEW = 6; // handles stand at the whole numbers from -VIEW to VIEW
const FAR = 16; // the integrals run from -FAR to FAR
const CELLS = 1600;
const APART = 1.6; // from the mean of two humps to each
const MEANS = [-2.5, 2.5];
const WIDTHS = [0.5, 1.8];
const CERTAIN = 1000; // a bend of the logit after which D is 0 or 1 in floating point
const EDGE = 0.004; // a handle this close to 0 or 1 is meant to be there
const TOP = 0.88;
const GAUGE = [-3, 0];
const LOG4 = Math.log(4);

/** @typedef {{data: number[], model: number[], two: boolean, learned: number[], bend: number[]}} State */

/** @param {number} x @param {number} mean @param {number} std */
const logNormal = (x, mean, std) => -(((x - mean) / std) ** 2) / 2 - Math.log(std * Math.sqrt(2 * Math.PI));

/** log(e^a + e^b) @param {number} a @param {number} b */
const logSum = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

const softplus = (/** @type {number} */ a) => logSum(a, 0);
const sigmoid = (/** @type {number} */ a) => 1 / (1 + Math.exp(-a));

/** @param {number} x @param {number[]} data @param {boolean} two */
const logData = (x, [mean, std], two) =>
  two ? logSum(logNormal(x, mean - APART, std), logNormal(x, mean + APART, std)) - Math.LN2 : logNormal(x, mean, std);

/** Logit of the best D at x, log p_data − log p_g. @param {number} x @param {number[]} data @param {number[]} model @param {boolean} two */
const bestLogit = (x, data, model, two) => logData(x, data, two) - logNormal(x, model[0], model[1]);

/**
 * Logit of the reader's D: of the densities that it learned, if any, and a bend, straight between the handles.
 * @param {number} x
 * @param {State} state
 */
function logit(x, { learned, bend }) {
  const base = learned.length ? bestLogit(x, learned.slice(0, 2), learned.slice(2, 4), learned[4] > 0) : 0;
  const place = Math.min(2 * VIEW, Math.max(0, x + VIEW)), i = Math.min(2 * VIEW - 1, Math.floor(place));
  return base + bend[i] + (bend[i + 1] - bend[i]) * (place - i);
}

/**
 * V(D), C(G) = V(D*) and the Jensen–Shannon divergence in nats, by Simpson's rule.
 * @param {State} state
 */
export function gameNumbers(state) {
  const { data, model, two, bend } = state;
  let value = 0, best = 0, divergence = 0;
  for (let i = 0; i <= CELLS; i++) {
    const x = (2 * FAR * i) / CELLS - FAR;
    const weight = ((i === 0 || i === CELLS ? 1 : i % 2 ? 4 : 2) * 2 * FAR) / (3 * CELLS);
    const logP = logData(x, data, two), logQ = logNormal(x, model[0], model[1]);
    const p = weight * Math.exp(logP), q = weight * Math.exp(logQ);
    const middle = logSum(logP, logQ) - Math.LN2;
    const a = logit(x, state), star = logP - logQ;
    value -= p * softplus(-a) + q * softplus(a);
    best -= p * softplus(-star) + q * softplus(star);
    divergence += (p * (logP - middle) + q * (logQ - middle)) / 2;
  }
  return { value: bend.some((b) => Math.abs(b) >= CERTAIN) ? -Infinity : value, best, divergence };
}

/** @param {string} name @param {(Node | string)[]} text */
const key = (name, ...text) => element("span", { class: `gnb-key gnb-hue-${name}` }, ...text);

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const names = ["data", "model", "two", "learned", "bend"];
  const now = () => /** @type {State} */ (Object.fromEntries(names.map((name) => [name, model.get(name)])));
  /** @param {Record<string, any>} values */
  const change = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const round = (/** @type {number} */ v, /** @type {number[]} */ [low, high]) =>
    Math.min(high, Math.max(low, Math.round(v * 50) / 50));
  const whole = Array.from({ length: 2 * VIEW + 1 }, (_, i) => i - VIEW);
  const xs = Array.from({ length: 241 }, (_, i) => (2 * VIEW * i) / 240 - VIEW);

  const densities = graph({
    x: [-VIEW, VIEW], y: [0, TOP], lines: ["data", "model"], fills: ["data", "model"],
    label: "The densities of the data and of the model over x. Drag a peak; the sliders below do the same.",
  });
  const game = graph({
    x: [-VIEW, VIEW], y: [-0.07, 1.14], lines: ["best", "own"], ticks: whole.filter((x) => x % 2 === 0).map((x) => [x, number(x, 0)]),
    label: "Your discriminator D over x, thirteen handles, and the best one",
  });
  densities.node.classList.add("gnb-low");
  game.plot.setAttribute("role", "group");
  game.levels([[0, "D = 0"], [0.5, "½"], [1, "D = 1"]]);

  const peaks = { data: element("span", { class: "gnb-handle gnb-of-data" }), model: element("span", { class: "gnb-handle gnb-of-model" }) };
  densities.plot.append(peaks.data, peaks.model);
  /** Where the handle of a density sits, and how high a width makes it. @param {"data" | "model"} name */
  const peak = (name) => {
    const [mean, std] = model.get(name), humps = name === "data" && model.get("two");
    return { x: humps ? mean - APART : mean, aside: humps ? APART : 0, share: (humps ? 0.5 : 1) / Math.sqrt(2 * Math.PI), std };
  };
  /** @type {{name: "data" | "model", dx: number, dy: number} | null} */
  let held = null;
  const ofEvent = (/** @type {PointerEvent} */ event, /** @type {ReturnType<typeof graph>} */ where) => {
    const box = where.plot.getBoundingClientRect();
    return { box, point: where.at((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height) };
  };
  densities.plot.addEventListener("pointerdown", (event) => {
    const { box, point: [x, y] } = ofEvent(event, densities);
    const choices = /** @type {const} */ (["model", "data"]).map((name) => {
      const { x: at, share, std } = peak(name);
      return { name, dx: at - x, dy: share / std - y, far: Math.hypot(((at - x) * box.width) / (2 * VIEW), ((share / std - y) * box.height) / TOP) };
    });
    held = choices[0].far <= choices[1].far ? choices[0] : choices[1];
  });
  draggable(densities.plot, (a, b) => {
    if (!held) return;
    const [x, y] = densities.at(a, b), { aside, share } = peak(held.name);
    change({ [held.name]: [round(x + held.dx + aside, MEANS), round(share / Math.max(0.02, y + held.dy), WIDTHS)] });
  });

  /** Put D at one handle. @param {number[]} bend @param {number} i @param {number} d */
  const bent = (bend, i, d) => {
    const base = logit(whole[i], { ...now(), bend: bend.map(() => 0) });
    return bend.with(i, d <= EDGE ? -CERTAIN : d >= 1 - EDGE ? CERTAIN : Math.log(d / (1 - d)) - base);
  };
  const handles = whole.map((x, i) => {
    const node = element("span", {
      class: "gnb-knob", role: "slider", tabindex: x === 0 ? 0 : -1, "aria-label": `D at x = ${number(x, 0)}`,
      "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 1,
    });
    node.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const d = Number(node.getAttribute("aria-valuenow"));
      const to = { ArrowUp: d + 0.05, ArrowDown: d - 0.05, PageUp: d + 0.2, PageDown: d - 0.2, Home: 0, End: 1 }[event.key];
      const beside = { ArrowLeft: i - 1, ArrowRight: i + 1 }[event.key];
      if (to !== undefined) change({ bend: bent(model.get("bend"), i, to) });
      else if (beside !== undefined && handles[beside]) focus(beside);
      else return;
      event.preventDefault();
    });
    game.plot.append(node);
    return node;
  });
  /** @param {number} i */
  const focus = (i) => {
    handles.forEach((node, j) => node.setAttribute("tabindex", i === j ? "0" : "-1"));
    handles[i].focus({ preventScroll: true });
  };
  /** @type {number[] | null} */
  let last = null;
  game.plot.addEventListener("pointerdown", (event) => {
    last = null;
    const x = ofEvent(event, game).point[0];
    focus(Math.min(2 * VIEW, Math.max(0, Math.round(x) + VIEW)));
    event.preventDefault();
  });
  draggable(game.plot, (a, b) => {
    const [x, y] = game.at(a, b), from = last ?? [x, y];
    let bend = model.get("bend");
    // A stroke takes along every handle that it passes.
    whole.forEach((at, i) => {
      if (at < Math.min(x, from[0]) - 0.5 || at > Math.max(x, from[0]) + 0.5) return;
      const part = x === from[0] ? 1 : Math.min(1, Math.max(0, (at - from[0]) / (x - from[0])));
      if (Math.abs(at - x) <= 0.5 || (part > 0 && part < 1)) bend = bent(bend, i, from[1] + part * (y - from[1]));
    });
    last = [x, y];
    change({ bend });
  });

  const flat = () => whole.map(() => 0);
  const learn = button("Make D the best", () => {
    const { data, model: made, two } = now();
    change({ learned: [...data, ...made, Number(two)], bend: flat() });
  });
  const forget = button("D = ½ everywhere", () => change({ learned: [], bend: flat() }));
  const humps = toggle("two humps in the data", model.get("two"), (on) => change({ two: on }));
  const sliders = /** @type {const} */ (["data", "model"]).map((name) => [MEANS, WIDTHS].map(([min, max], part) =>
    slider({ label: `${part ? "width" : "mean"} of ${name === "data" ? "data" : "model"}`, min, max, step: 0.02, value: model.get(name)[part] },
      (v) => change({ [name]: model.get(name).with(part, v) }))));

  const parts = { divergence: element("span", { class: "gnb-piece-prior" }), lost: element("span", { class: "gnb-piece-reconstruction" }) };
  const dot = element("span", { class: "gnb-gauge-dot" });
  const at = (/** @type {number} */ v) => (100 * (Math.max(GAUGE[0], v) - GAUGE[0])) / (GAUGE[1] - GAUGE[0]);
  const gauge = element("div", { class: "gnb-gauge", "aria-hidden": "true" },
    element("div", { class: "gnb-gauge-scale" }, parts.divergence, parts.lost, dot),
    element("div", { class: "gnb-ticks" }, .../** @type {[number, string][]} */ ([[-3, "−3"], [-2, "−2"], [-LOG4, "−log 4"], [0, "0"]])
      .map(([v, text]) => element("span", { style: `left:${at(v)}%` }, text))));

  const draw = () => {
    const state = now(), { value, best, divergence } = gameNumbers(state);
    const p = xs.map((x) => Math.exp(logData(x, state.data, state.two)));
    const q = xs.map((x) => Math.exp(logNormal(x, state.model[0], state.model[1])));
    densities.line("data", xs, p);
    densities.line("model", xs, q);
    for (const name of /** @type {const} */ (["data", "model"])) {
      const { x, share, std } = peak(name);
      densities.put(peaks[name], x, share / std);
    }
    game.line("best", xs, xs.map((x) => sigmoid(bestLogit(x, state.data, state.model, state.two))));
    game.line("own", xs, xs.map((x) => sigmoid(logit(x, state))));
    handles.forEach((node, i) => {
      const d = sigmoid(logit(whole[i], state));
      game.put(node, whole[i], d);
      node.setAttribute("aria-valuenow", d.toFixed(3));
    });
    const lost = best - value, from = at(-LOG4);
    parts.divergence.style.cssText = `left:${from}%;width:${at(best) - from}%`;
    parts.lost.style.cssText = `left:${at(value)}%;width:${at(best) - at(value)}%`;
    dot.style.left = `${at(value)}%`;
    dot.classList.toggle("gnb-out", value < GAUGE[0]);
    const shown = Number.isFinite(value) ? number(value, 3) : "\u2212\u221e";
    readout.textContent =
      `V(D) = ${shown}   best possible C(G) = ${number(best, 3)}   JSD = ${number(divergence, 3)} of at most log 2 = 0.693 nats\n` +
      say(state, lost, divergence);
  };
  /** @param {State} state @param {number} lost @param {number} divergence */
  const say = ({ bend }, lost, divergence) => {
    const sure = bend.findIndex((b) => Math.abs(b) >= CERTAIN);
    if (sure >= 0) {
      return `Around x = ${number(whole[sure], 0)} you are certain, D = ${bend[sure] > 0 ? 1 : 0}, ` +
        `yet ${bend[sure] > 0 ? "the model puts samples" : "data fall"} there: log 0 costs infinitely much.`;
    }
    if (lost > 5e-4) return `A better D gets ${number(lost, 3)} nats more: bend it toward D*.`;
    if (divergence < 5e-4) return "The model is the data. The best D is ½ everywhere, and \u2212log 4 is all it can get.";
    if (divergence > 0.6) return "This D is the best. The densities hardly overlap, so it tells almost all samples apart.";
    return "This D is the best: no other gets more. Only the model can lower C(G) now, by moving onto the data.";
  };
  const repaint = painter(root, draw);

  body.append(
    element("div", { class: "gnb-keys" }, key("data", "data p(x)"), key("model", "model p", element("sub", {}, "g"), "(x)"), key("own", "your D(x)"), key("best", "best D*(x)")),
    element("div", { class: "gnb-drag" }, densities.node, game.node),
    element("div", { class: "gnb-controls" }, learn, forget, humps.node),
    element("div", { class: "gnb-halves" }, ...sliders.map((pair) => element("div", { class: "gnb-sliders" }, ...pair.map((s) => s.node)))),
    element("div", { class: "gnb-keys" },
      element("span", { class: "gnb-key gnb-piece-prior" }, "2 JSD, from \u2212log 4 to C(G)"),
      element("span", { class: "gnb-key gnb-piece-reconstruction" }, "what D loses, from V(D) to C(G)")),
    gauge,
  );
  const changed = () => {
    /** @type {const} */ (["data", "model"]).forEach((name, i) => sliders[i].forEach((s, part) => s.set(model.get(name)[part])));
    humps.input.checked = model.get("two");
    repaint();
  };
  for (const name of names) model.on(`change:${name}`, changed);
  repaint();
  return () => names.forEach((name) => model.off(`change:${name}`, changed));
}

export default { render };
