// @ts-check
// Two densities and a discriminator that the reader bends: its value against the best one's.

import { button, knob } from "../kit/controls.js";
import { box, element, key, number } from "../kit/elements.js";
import { axis, graph } from "../kit/graph.js";
import { clamp, logNormal, sigmoid, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";
import { bestLogit, gameNumbers, logData, logit } from "./value.js";

/** @typedef {import("./value.js").State} State */

const EDGE = 0.004; // a handle this close to 0 or 1 is meant to be there
const TOP = 0.88;
const WORST = -3; // left end of the scale of V
const LOG4 = Math.log(4);

/** The densities as a D learns them. @param {{data: number[], model: number[], two: boolean}} state */
const lesson = ({ data, model, two }) => [...data, ...model, Number(two)];

/** Whether D, once made the best, stays so: until the reader bends it. @param {State} state */
const follows = ({ learned, bend }) => learned.length > 0 && bend.every((b) => b === 0);

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, values, change, control, slider, toggle, show } = stage(context);
  /** @returns {State} */
  const now = () => values("data", "model", "two", "learned", "bend", "limits");
  const { limits } = now(), { view, apart, certain } = limits, { mean: means, std: widths } = get("limits");
  const round = (/** @type {number} */ v, /** @type {number[]} */ [low, high]) => clamp(Math.round(v * 50) / 50, low, high);
  const whole = steps(-view, view, 2 * view + 1), xs = steps(-view, view, 241), flat = whole.map(() => 0);

  const densities = graph({
    x: [-view, view], y: [0, TOP], lines: ["data", "model"], fills: ["data", "model"], look: "gnb-low",
    label: "The densities of the data and of the model over x. Drag a peak; the sliders below do the same.",
  });
  const game = graph({
    x: [-view, view], y: [-0.07, 1.14], lines: ["best", "own"], ticks: whole.filter((x) => x % 2 === 0).map((x) => [x, number(x, 0)]),
    label: "Your discriminator D over x, thirteen handles, and the best one",
  });
  game.plot.setAttribute("role", "group");
  game.levels([[0, "D = 0"], [0.5, "½"], [1, "D = 1"]]);

  /** @type {("model" | "data")[]} */
  const both = ["model", "data"];
  const peaks = both.map((name) => densities.add(`gnb-dot gnb-handle gnb-hue-${name}`));
  /** Where the handle of a density sits, and how high a width makes it. @param {"data" | "model"} name */
  const peak = (name) => {
    const [mean, std] = get(name), aside = name === "data" && get("two") ? apart : 0;
    const share = (aside ? 0.5 : 1) / Math.sqrt(2 * Math.PI);
    return { name, x: mean - aside, y: share / std, aside, share };
  };
  let held = peak("model"), dx = 0, dy = 0;
  densities.drag((x, y, first) => {
    if (first) {
      const { clientWidth, clientHeight } = densities.plot;
      const far = (/** @type {ReturnType<typeof peak>} */ at) =>
        Math.hypot(((at.x - x) * clientWidth) / (2 * view), ((at.y - y) * clientHeight) / TOP);
      held = both.map(peak).reduce((a, b) => (far(b) < far(a) ? b : a));
      [dx, dy] = [held.x - x, held.y - y];
    }
    change({ [held.name]: [round(x + dx + held.aside, means), round(held.share / Math.max(0.02, y + dy), widths)] });
  });

  /** Put D at one handle. @param {number[]} bend @param {number} i @param {number} d */
  const bent = (bend, i, d) => {
    const base = logit(whole[i], { ...now(), bend: flat });
    return bend.with(i, d <= EDGE ? -certain : d >= 1 - EDGE ? certain : Math.log(d / (1 - d)) - base);
  };
  const handles = whole.map((x, i) => control(knob({
    class: "gnb-dot gnb-knob", label: `D at x = ${number(x, 0)}`, min: 0, max: 1, small: 0.05, big: 0.2,
    get: () => sigmoid(logit(x, now())), set: (d) => change({ bend: bent(get("bend"), i, d) }),
    keys: { ArrowLeft: () => focus(i - 1), ArrowRight: () => focus(i + 1) },
  })).node);
  /** @param {number} i */
  const focus = (i) => {
    if (!handles[i]) return;
    handles.forEach((node, j) => (node.tabIndex = i === j ? 0 : -1));
    handles[i].focus({ preventScroll: true });
  };
  handles.forEach((node, i) => {
    node.setAttribute("aria-orientation", "vertical");
    node.tabIndex = i === view ? 0 : -1;
  });
  game.plot.append(...handles);
  let last = [0, 0];
  game.drag((x, y, first) => {
    if (first) {
      focus(clamp(Math.round(x), -view, view) + view);
      last = [x, y];
    }
    let bend = get("bend");
    // A stroke takes along every handle that it passes.
    whole.forEach((at, i) => {
      if (at < Math.min(x, last[0]) - 0.5 || at > Math.max(x, last[0]) + 0.5) return;
      const part = x === last[0] ? 1 : clamp((at - last[0]) / (x - last[0]), 0, 1);
      if (Math.abs(at - x) <= 0.5 || (part > 0 && part < 1)) bend = bent(bend, i, last[1] + part * (y - last[1]));
    });
    last = [x, y];
    change({ bend });
  });

  const parts = { divergence: element("span", { class: "gnb-piece-prior" }), lost: element("span", { class: "gnb-piece-reconstruction" }) };
  const dot = element("span", { class: "gnb-gauge-dot" });
  const at = (/** @type {number} */ v) => 1 - Math.max(WORST, v) / WORST;
  const gauge = element("div", { "aria-hidden": "true" },
    box("gnb-gauge-scale", parts.divergence, parts.lost, dot),
    axis([[WORST, "−3"], [-2, "−2"], [-LOG4, "−log 4"], [0, "0"]], at));
  /** @param {HTMLElement} node @param {number} from @param {number} to */
  const span = (node, from, to) => (node.style.cssText = `left:${100 * at(from)}%;width:${100 * (at(to) - at(from))}%`);

  const sliders = ["data", "model"].map((trait) => box("gnb-sliders", ...["mean", "std"].map((of, part) =>
    slider({ trait, part, limits: of, label: `${part ? "width" : "mean"} of ${trait}`, step: 0.02 }).node)));
  body.append(
    box("gnb-keys", key("hue-data", "data p(x)"), key("hue-model", "model p", element("sub", {}, "g"), "(x)"), key("hue-own", "your D(x)"), key("hue-best", "best D*(x)")),
    box("gnb-drag", densities.node, game.node),
    box("gnb-controls",
      button("Make D the best", () => change({ learned: lesson(now()), bend: flat })),
      button("D = ½ everywhere", () => change({ learned: [], bend: flat })),
      toggle({ trait: "two", label: "two humps in the data" }).node),
    box("gnb-halves", ...sliders),
    box("gnb-keys", key("piece-prior", "2 JSD, from \u2212log 4 to C(G)"), key("piece-reconstruction", "what D loses, from V(D) to C(G)")),
    gauge,
  );
  return show(() => {
    const state = now(), { data, model, two } = state;
    if (follows(state)) change({ learned: (state.learned = lesson(state)) });
    const { value, best, divergence } = gameNumbers(state);
    densities.line("data", xs, (x) => Math.exp(logData(x, data, two, apart)));
    densities.line("model", xs, (x) => Math.exp(logNormal(x, model[0], model[1])));
    both.map(peak).forEach(({ x, y }, i) => densities.put(peaks[i], x, y));
    game.line("best", xs, (x) => sigmoid(bestLogit(x, data, model, two, apart)));
    game.line("own", xs, (x) => sigmoid(logit(x, state)));
    handles.forEach((node, i) => game.put(node, whole[i], sigmoid(logit(whole[i], state))));
    span(parts.divergence, -LOG4, best);
    span(parts.lost, value, best);
    dot.style.left = `${100 * at(value)}%`;
    dot.classList.toggle("gnb-out", value < WORST);
    const shown = Number.isFinite(value) ? number(value, 3) : "\u2212\u221e";
    readout.textContent =
      `V(D) = ${shown}   best possible C(G) = ${number(best, 3)}   JSD = ${number(divergence, 3)} of at most log 2 = 0.693 nats\n` +
      say(state, best - value, divergence);
  });
}

/** @param {State} state @param {number} lost @param {number} divergence */
function say(state, lost, divergence) {
  const { bend, limits: { view, certain } } = state, sure = bend.findIndex((b) => Math.abs(b) >= certain);
  if (sure >= 0) {
    return `Around x = ${number(sure - view, 0)} you are certain, D = ${bend[sure] > 0 ? 1 : 0}, ` +
      `yet ${bend[sure] > 0 ? "the model puts samples" : "data fall"} there: log 0 costs infinitely much.`;
  }
  if (lost > 5e-4) return `A better D gets ${number(lost, 3)} nats more: bend it toward D*.`;
  const stays = follows(state) ? " It stays the best while you move the densities, until you bend it." : "";
  if (divergence < 5e-4) return `The model is the data. The best D is \u00bd everywhere, and \u2212log 4 is all it can get.${stays}`;
  return `This D is the best${divergence > 0.6 ? ", and tells almost all samples apart" : ": no other gets more"}.` +
    `${stays} Only the model can lower C(G) now, by moving onto the data.`;
}

export default { render };
