// @ts-check
// Two gradients of one mean, by the mean of q: how far single rolls of the die put them from the exact slope.

import { box, key, number, whole } from "../kit/elements.js";
import { axis, graph } from "../kit/graph.js";
import { clamp, normal, random, sigmoid, softplus, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

/** @typedef {{f: string, k: number, mean: number, std: number, baseline: boolean}} Setting */

const VIEW = 4;
const FAR = 10, CELLS = 800; // of the integrals
const FEW = 200, MANY = 20000; // rolls
const BINS = 81;
const STEP = 0.05;
const HUES = ["own", "model"];
/** @type {[trait: string, label: string, step: number][]} */
const SLIDERS = [["k", "k", 0.1], ["mean", "mean of q", STEP], ["std", "width of q", STEP]];

/** Each function and its slope. @type {Record<string, ((z: number, k: number) => number)[]>} */
const FUNCTIONS = {
  cosine: [(z, k) => Math.cos(k * z), (z, k) => -k * Math.sin(k * z)],
  square: [(z, k) => (z - k) ** 2, (z, k) => 2 * (z - k)],
  step: [(z, k) => sigmoid(k * z), (z, k) => k * sigmoid(k * z) * sigmoid(-k * z)],
  pixels: [(z, k) => -softplus(k * z) - softplus(-k * z), (z, k) => -k * Math.tanh((k * z) / 2)],
};
/** @type {Record<string, string>} */
const FORMULAS = { cosine: "cos kz", square: "(z \u2212 k)\u00b2", step: "s(kz)", pixels: "log s(kz) + log s(\u2212kz)" };

/** The mean of a function of the roll. @param {(roll: number) => number} h */
const mean = (h) => NODES.reduce((sum, { roll, weight }) => sum + weight * h(roll), 0);
const NODES = steps(-FAR, FAR, CELLS + 1).map((roll) => ({ roll, weight: (normal(roll) * 2 * FAR) / CELLS }));

/** Both estimates from one roll, with the baseline c. @param {Setting} setting @param {number} c */
const estimators = ({ f: name, k, mean, std }, c) => {
  const [f, slope] = FUNCTIONS[name];
  return [
    (/** @type {number} */ roll) => slope(mean + std * roll, k),
    (/** @type {number} */ roll) => ((f(mean + std * roll, k) - c) * roll) / std,
  ];
};

/** The exact slope, the variance of both estimates from one roll, the baseline. @param {Setting} setting */
export function gradientNumbers(setting) {
  const [f] = FUNCTIONS[setting.f];
  const constant = setting.baseline ? mean((roll) => roll ** 2 * f(setting.mean + setting.std * roll, setting.k)) : 0;
  const [path, score] = estimators(setting, constant), slope = mean(path);
  const variance = (/** @type {(roll: number) => number} */ estimate) => mean((roll) => (estimate(roll) - slope) ** 2);
  return { slope, pathwise: variance(path), score: variance(score), constant };
}

/** The next of 1, 2, 5, 10, 20, … @param {number} v */
function round(v) {
  const power = 10 ** Math.floor(Math.log10(v));
  return power * ([1, 2, 5].find((each) => each * power >= v) ?? 10);
}

/** Two or three digits. @param {number} v */
const tell = (v) => number(v, v < 0.00995 ? 4 : v < 0.0995 ? 3 : v < 9.95 ? 2 : v < 99.5 ? 1 : 0);

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, values, change, slider, choice, toggle, player, show } = stage(context);
  const names = ["f", "k", "mean", "std", "baseline"], [low, high] = get("limits").mean;
  const zs = steps(-VIEW, VIEW, 481), edges = steps(-1, 1, BINS + 1), dice = random(1);
  const functions = graph({
    x: [-VIEW, VIEW], y: [0, 1.08], lines: ["best", "data"], fills: ["best"], look: "gnb-low",
    ticks: [-3, -2, -1, 0, 1, 2, 3].map((z) => [z, z === 0 ? "z = 0" : number(z, 0)]),
    label: "The function f over z, and the bell curve q. Drag sideways to move q.",
  });
  functions.drag((z) => change({ mean: Math.round(clamp(z, low, high) / STEP) * STEP }));
  const histograms = graph({
    x: [-1, 1], y: [-1.3, 1.3], lines: [...HUES, ...HUES.map((hue) => `spread-${hue}`)], fills: HUES, look: "gnb-low gnb-rolled",
    label: "Histograms of both estimates from single rolls, pathwise upward and score function downward, around the exact slope",
  });
  histograms.put(histograms.add("gnb-cursor"), 0);
  const scale = box("gnb-scale"), formula = box("gnb-keys");

  /** @type {number[]} */
  const rolls = [];
  const rollTo = (/** @type {number} */ count) => { while (rolls.length < Math.min(MANY, count)) rolls.push(dice.normal()); };
  const die = player("Roll the die", (ms) => {
    rollTo(rolls.length * (1 + ms / 700) + 1);
    if (rolls.length === MANY) die.stop();
  }, { step: ["Roll once", () => rollTo(rolls.length + 1)], reset: () => (rolls.length = FEW) });
  rollTo(FEW);

  body.append(
    formula, box("gnb-sideways", functions.node),
    box("gnb-keys", key("hue-own", "pathwise"), key("hue-model", "score function")), histograms.node, scale,
    die.row([], box("gnb-sliders", ...SLIDERS.map(([trait, label, step]) => slider({ trait, label, step }).node)), box("gnb-controls",
      choice({ trait: "f", label: "f", options: Object.keys(FORMULAS).map((name) => [name, name === "pixels" ? name : FORMULAS[name]]) }).node,
      toggle({ trait: "baseline", label: "best baseline c" }).node)),
  );
  return show(() => {
    const now = values(...names), exact = gradientNumbers(now), spreads = [exact.pathwise, exact.score].map(Math.sqrt);
    const heights = zs.map((z) => FUNCTIONS[now.f][0](z, now.k)), bottom = Math.min(...heights, exact.constant), top = Math.max(...heights, exact.constant);
    const up = (/** @type {number} */ v) => 0.08 + (0.92 * (v - bottom)) / (top - bottom);
    functions.line("data", zs, heights.map(up));
    functions.line("best", zs, (z) => Math.min(0.5, 1 / now.std) * now.std * normal(z, now.mean, now.std));
    functions.levels([[up(exact.constant), now.baseline ? `c = ${number(exact.constant)}` : "f = 0"]]);
    const span = round(2.8 * Math.max(...spreads)), half = String(span / 2);
    const averages = estimators(now, exact.constant).map((estimate, i) => {
      const errors = rolls.map((roll) => estimate(roll) - exact.slope), bins = new Array(BINS).fill(0), sign = 1 - 2 * i;
      for (const error of errors) bins[Math.floor((0.5 + error / span / 2) * BINS)]++;
      const most = sign * Math.max(...bins.slice(0, BINS));
      histograms.line(HUES[i], edges.flatMap((edge) => [edge, edge]).slice(1, -1), bins.slice(0, BINS).flatMap((n) => [n / most, n / most]));
      histograms.line(`spread-${HUES[i]}`, [-spreads[i] / span, spreads[i] / span], () => 1.15 * sign);
      return exact.slope + errors.reduce((a, b) => a + b) / rolls.length;
    });
    scale.replaceChildren(axis([[-0.5, `\u2212${half}`], [0, `exact slope ${number(exact.slope)}`], [0.5, `+${half}`]], (at) => (1 + at) / 2));
    formula.replaceChildren(key("hue-data", `f(z) = ${FORMULAS[now.f]}`), key("hue-best", "q(z)"));
    readout.textContent = say(exact, averages, spreads, rolls.length);
  });
}

/** @param {ReturnType<typeof gradientNumbers>} exact @param {number[]} averages @param {number[]} spreads @param {number} count */
function say({ slope, pathwise, score }, averages, spreads, count) {
  const [least, most] = [pathwise, score].sort((a, b) => a - b), errors = spreads.map((spread) => spread / Math.sqrt(count));
  const digits = Math.max(0, Math.ceil(1 - Math.log10(Math.min(...errors))));
  const [path, other] = averages.map((average, i) => `${number(average, digits)} \u00b1 ${number(errors[i], digits)}`);
  return `Variance ${tell(least)} against ${tell(most)}: one ${pathwise < score ? "pathwise" : "score-function"} roll is worth ${number(most / least, most < 9.95 * least ? 1 : 0)} of the other.\n` +
    `${whole(count)} rolls average ${path} and ${other}; exact ${number(slope, digits)}.`;
}

export default { render };
