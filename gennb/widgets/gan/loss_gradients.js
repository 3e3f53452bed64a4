// @ts-check
// Two densities moving apart: what each generator loss makes of the distance, and how hard it pulls.

import { box, element, key, number } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { clamp, normal, sigmoid, softplus, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

const STEP = 0.05;
const CELLS = 240; // of the integrals
const FAR = 9; // standard deviations
/** @type {[loss: string, title: string, formula: string][]} */
const LOSSES = [
  ["minimax", "minimax", "E log(1 \u2212 D)"],
  ["non-saturating", "non-saturating", "\u2212E log D"],
  ["wasserstein", "Wasserstein", "W\u2081 = |\u03b8|"],
  ["matching", "feature matching", "\u03b8\u00b2"],
];
/** @type {[number, string][]} */
const LINEAR = [[-4, "\u22124"], [-2, "\u22122"], [0, "0"], [2, "2"], [4, "4"]];
/** @type {[number, string][]} */
const LOGARITHMIC = [[-3, "0.001"], [-2, "0.01"], [-1, "0.1"], [0, "1"], [1, "10"]];

/** Places in standard deviations and their weights under a standard normal, by the trapezoid rule. */
const NODES = steps(-FAR, FAR, CELLS + 1).map((v) => ({ v, weight: ((Math.abs(v) < FAR ? 2 : 1) * FAR * normal(v)) / CELLS }));

/**
 * Slopes of the losses by theta with the discriminator held at D*, and the distances, for N(0, s²) and N(theta, s²).
 *
 * The logit of D* is a(x) = (theta² − 2 theta x) / 2s², so a' = −theta / s². Seen from the middle of the two means, in
 * widths, the overlap E[D*] over the model is an even integral that keeps its digits when it is tiny. By the same
 * symmetry E[D*²] = E[D*] / 2.
 * @param {{theta: number, s: number}} at
 * @returns {Record<string, number>}
 */
export function lossNumbers({ theta, s }) {
  const t = Math.abs(theta) / s, apart = Math.exp(-(t ** 2) / 8) / 2, pull = theta / s ** 2;
  let overlap = 0, divergence = Math.LN2;
  for (const { v, weight } of NODES) {
    overlap += (weight * apart) / Math.cosh((v * t) / 2);
    divergence -= weight * softplus(-(t ** 2) / 2 - t * v);
  }
  return {
    minimax: pull * overlap,
    "non-saturating": pull * (1 - overlap),
    wasserstein: Math.sign(theta),
    matching: 2 * theta,
    spread: Math.abs(pull) * Math.sqrt(Math.max(0, overlap / 2 - overlap ** 2)),
    overlap,
    divergence,
    distance: Math.abs(theta),
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, toggle, show } = stage(context);
  const [low, high] = get("limits").theta, x = [low, high];
  const ticks = /** @type {[number, string][]} */ (steps(low, high, 7).map((at) => [at, number(at, 0)]));
  // Both sides of nought, where the slope of the distance jumps.
  const right = [1e-9, ...steps(high / 120, high, 120)], xs = [...right.map((at) => -at).reverse(), 0, ...right];

  const densities = graph({
    x, y: [0, 1.17], lines: ["best", "data", "model"], fills: ["data", "model"], look: "gnb-low",
    label: "The densities of the data and of the model over x, and the best discriminator. Drag sideways to move the model.",
  });
  const slopes = graph({
    x, y: [-5, 5], lines: LOSSES.map(([name]) => name).reverse(),
    label: "The gradient of each loss by theta, for every place of the model's mean theta",
  });
  const distances = graph({
    x, y: [0, 2.5], lines: ["wasserstein", "divergence"], ticks, look: "gnb-lower",
    label: "The Jensen–Shannon divergence and the Wasserstein distance for every place of the model's mean theta",
  });
  densities.levels([[1, "D* = 1"]]);
  distances.levels([[Math.LN2, "log 2"], [2, "2"]]);
  const graphs = [densities, slopes, distances], cursors = graphs.map((each) => each.add("gnb-cursor"));
  for (const each of graphs) each.drag((at) => change({ theta: Math.round(clamp(at, low, high) / STEP) * STEP }));
  const dots = LOSSES.map(([name]) => slopes.add(`gnb-dot gnb-point gnb-hue-${name}`));
  const heights = ["divergence", "wasserstein"].map((name) => distances.add(`gnb-dot gnb-point gnb-hue-${name}`));

  const cells = LOSSES.map(() => element("td"));
  const row = (/** @type {Node[]} */ ...all) => element("tr", {}, ...all);
  const table = element("table", { class: "gnb-table" },
    element("thead", {}, row(...["loss", "lowers", "gradient \u00b1 spread"].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...LOSSES.map(([name, title, formula], i) =>
      row(element("th", { scope: "row" }, key(`hue-${name}`, title)), element("td", {}, formula), cells[i]))));

  body.append(
    box("gnb-keys", key("hue-data", "data"), key("hue-model", "model"), key("hue-best", "best D*(x)")),
    box("gnb-sideways",
      densities.node,
      box("gnb-above", "gradient of each loss by \u03b8, for a model at \u03b8", toggle({ trait: "log", label: "logarithmic" }).node),
      slopes.node,
      box("gnb-above", "distance: ", key("hue-divergence", "JSD, nats"), key("hue-wasserstein", "W\u2081")),
      distances.node),
    box("gnb-columns",
      box("gnb-sliders gnb-side", slider({ trait: "theta", label: "mean \u03b8", step: STEP }).node, slider({ trait: "s", label: "width s", step: STEP }).node),
      box("gnb-side gnb-wide", table)),
  );
  let known = 0, /** @type {Record<string, number>[]} */ all = [];
  return show(() => {
    const theta = get("theta"), s = get("s"), log = get("log"), now = lossNumbers({ theta, s });
    if (known !== s) all = xs.map((at) => lossNumbers({ theta: at, s }));
    known = s;
    const height = (/** @type {number} */ slope) => (log ? Math.log10(Math.max(1e-9, Math.abs(slope))) : slope);
    densities.line("data", xs, (at) => normal(at, 0, s));
    densities.line("model", xs, (at) => normal(at, theta, s));
    densities.line("best", xs, (at) => sigmoid((theta * (theta - 2 * at)) / (2 * s ** 2)));
    slopes.levels(...(log ? /** @type {const} */ ([LOGARITHMIC, [-3.3, 2]]) : /** @type {const} */ ([LINEAR, [-5, 5]])));
    LOSSES.forEach(([name], i) => {
      slopes.line(name, xs, all.map((at) => height(at[name])));
      slopes.put(dots[i], theta, height(now[name]));
      cells[i].textContent = tell(now[name]) + (i < 2 ? ` \u00b1 ${tell(now.spread)}` : name === "wasserstein" ? " \u00b1 0" : "");
    });
    ["divergence", "distance"].forEach((name, i) => {
      distances.line(i ? "wasserstein" : name, xs, all.map((at) => at[name]));
      distances.put(heights[i], theta, now[name]);
    });
    cursors.forEach((line, i) => graphs[i].put(line, theta));
    readout.textContent = say(theta, s, now);
  });
}

/** Two or three digits, however small. @param {number} v */
function tell(v) {
  const size = Math.abs(v);
  if (size === 0 || size >= 0.0995) return number(v, size < 9.95 ? 2 : 1);
  if (size >= 0.000995) return number(v, size < 0.00995 ? 4 : 3);
  const [digits, power] = v.toExponential(1).split("e-");
  return `${digits.replace("-", "\u2212")}\u00b710\u207b${[...power].map((d) => "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[Number(d)]).join("")}`;
}

/** @param {number} theta @param {number} s @param {Record<string, number>} now */
function say(theta, s, now) {
  const start = `\u03b8 = ${number(theta)}, ${number(now.distance / s, 1)} widths away.   D* = ${tell(now.overlap)} on the model's samples.   ` +
    `JSD = ${number(now.divergence, 3)} of at most 0.693 nats\n`;
  if (theta === 0) return `${start}The model is the data: D* is \u00bd, and no loss pulls.`;
  if (now.overlap < 0.02) {
    return `${start}JSD and the minimax loss are flat here; the little pull left comes from rare samples. ` +
      `The non-saturating loss pulls with almost \u03b8/s\u00b2 = ${tell(theta / s ** 2)}, the Wasserstein distance with ${number(now.wasserstein, 0)}.`;
  }
  if (now.overlap < 0.2) {
    return `${start}The discriminator is winning, and the minimax gradient fades: ${number(now.minimax / now["non-saturating"])} of the non-saturating one.`;
  }
  return `${start}The densities overlap, and all losses pull the model toward the data. Near \u03b8 = 0 the first two agree.`;
}

export default { render };
