// @ts-check
// Two densities moving apart: what each generator loss makes of the distance, and how hard it pulls.

import { graph } from "./curves.js";
import { element, frame, number, painter, slider, toggle } from "./controls.js";
import { draggable } from "./drag.js";

const REACH = 6; // the model's mean goes from -REACH to REACH
const WIDTHS = [0.4, 2];
const STEP = 0.05;
const CELLS = 120;
const FAR = 9; // standard deviations, for the integrals
const LOSSES = /** @type {const} */ (["minimax", "non-saturating", "wasserstein", "matching"]);
const TALLEST = 2.5;
const LINEAR = [-5, 5], LOGARITHMIC = [-3.3, 2];

const normal = (/** @type {number} */ v) => Math.exp(-(v ** 2) / 2) / Math.sqrt(2 * Math.PI);
const softplus = (/** @type {number} */ a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

/** Places in standard deviations and their weights under a standard normal, by the trapezoid rule. */
const NODES = Array.from({ length: 2 * CELLS + 1 }, (_, i) => {
  const v = (FAR * (i - CELLS)) / CELLS;
  return { v, weight: ((i % (2 * CELLS) ? 1 : 0.5) * FAR * normal(v)) / CELLS };
});

/**
 * Slopes of the losses by theta with the discriminator held at D*, and the distances, for N(0, s²) and N(theta, s²).
 *
 * The logit of D* is a(x) = (theta² − 2 theta x) / 2s², so a' = −theta / s². Seen from the middle of the two means, in
 * widths, the overlap E[D*] over the model is an even integral that keeps its digits when it is tiny. By the same
 * symmetry E[D*²] = E[D*] / 2.
 * @param {{theta: number, s: number}} at
 */
export function lossNumbers({ theta, s }) {
  const t = Math.abs(theta) / s, apart = Math.exp(-(t ** 2) / 8) / 2;
  let overlap = 0, divergence = Math.LN2;
  for (const { v, weight } of NODES) {
    overlap += (weight * apart) / Math.cosh((v * t) / 2);
    divergence -= weight * softplus(-(t ** 2) / 2 - t * v);
  }
  const pull = theta / s ** 2;
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

/** The numbers at −theta. @param {ReturnType<typeof lossNumbers>} at */
const mirror = (at) => ({ ...at, ...Object.fromEntries(LOSSES.map((name) => [name, -at[name]])) });

/** @param {string} name @param {(Node | string)[]} text */
const key = (name, ...text) => element("span", { class: `gnb-key gnb-hue-${name}` }, ...text);

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  /** @param {"theta" | "s" | "log"} name @param {any} value */
  const change = (name, value) => (model.set(name, value), model.save_changes());
  // Both sides of nought, where the slope of the distance jumps.
  const right = [1e-9, ...Array.from({ length: 120 }, (_, i) => (REACH * (i + 1)) / 120)];
  const xs = [...right.map((x) => -x).reverse(), 0, ...right];
  const whole = /** @type {[number, string][]} */ ([-6, -4, -2, 0, 2, 4, 6].map((x) => [x, number(x, 0)]));
  const x = [-REACH, REACH];

  const densities = graph({
    x, y: [0, 1.17], lines: ["best", "data", "model"], fills: ["data", "model"],
    label: "The densities of the data and of the model over x, and the best discriminator. Drag sideways to move the model.",
  });
  const slopes = graph({
    x, y: LINEAR, lines: ["matching", "wasserstein", "non-saturating", "minimax"],
    label: "The gradient of each loss by theta, for every place of the model's mean theta",
  });
  const distances = graph({
    x, y: [0, TALLEST], lines: ["wasserstein", "divergence"], ticks: whole,
    label: "The Jensen–Shannon divergence and the Wasserstein distance for every place of the model's mean theta",
  });
  densities.levels([[1, "D* = 1"]]);
  distances.levels([[Math.LN2, "log 2"], [2, "2"]]);
  densities.node.classList.add("gnb-low");
  distances.node.classList.add("gnb-lower");
  const cursors = [densities, slopes, distances].map((where) => {
    const line = element("span", { class: "gnb-cursor", "aria-hidden": "true" });
    where.plot.append(line);
    draggable(where.plot, (a) => change("theta", Math.round(Math.min(REACH, Math.max(-REACH, where.at(a, 0)[0])) / STEP) * STEP));
    return line;
  });
  /** @param {ReturnType<typeof graph>} where @param {string} name */
  const point = (where, name) => {
    const node = element("span", { class: `gnb-point gnb-hue-${name}`, "aria-hidden": "true" });
    where.plot.append(node);
    return node;
  };
  const points = LOSSES.map((name) => point(slopes, name));
  const heights = { divergence: point(distances, "divergence"), wasserstein: point(distances, "wasserstein") };

  const value = () => element("td", {});
  const cells = Object.fromEntries(LOSSES.map((name) => [name, value()]));
  /** @type {[string, string, string][]} */
  const rows = [
    ["minimax", "minimax", "E log(1 \u2212 D)"],
    ["non-saturating", "non-saturating", "\u2212E log D"],
    ["wasserstein", "Wasserstein", "W\u2081 = |\u03b8|"],
    ["matching", "feature matching", "\u03b8\u00b2"],
  ];
  const table = element("table", { class: "gnb-table" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "loss"), element("th", { scope: "col" }, "lowers"),
      element("th", { scope: "col" }, "gradient \u00b1 spread"))),
    element("tbody", {}, ...rows.map(([name, title, formula]) => element("tr", {},
      element("th", { scope: "row" }, key(name, title)), element("td", {}, formula), cells[name]))));

  const sliders = {
    theta: slider({ label: "mean \u03b8", min: -REACH, max: REACH, step: STEP, value: model.get("theta") }, (v) => change("theta", v)),
    s: slider({ label: "width s", min: WIDTHS[0], max: WIDTHS[1], step: STEP, value: model.get("s") }, (v) => change("s", v)),
  };
  const logarithmic = toggle("logarithmic", model.get("log"), (on) => change("log", on));

  const height = (/** @type {number} */ slope) => (model.get("log") ? Math.log10(Math.max(1e-9, Math.abs(slope))) : slope);
  /** @type {{s: number, all: ReturnType<typeof lossNumbers>[]}} */
  let known = { s: 0, all: [] };
  const draw = () => {
    const theta = model.get("theta"), s = model.get("s"), log = model.get("log");
    const now = lossNumbers({ theta, s });
    if (known.s !== s) {
      const half = right.map((at) => lossNumbers({ theta: at, s }));
      known = { s, all: [...half.map(mirror).reverse(), lossNumbers({ theta: 0, s }), ...half] };
    }
    densities.line("data", xs, xs.map((at) => normal(at / s) / s));
    densities.line("model", xs, xs.map((at) => normal((at - theta) / s) / s));
    densities.line("best", xs, xs.map((at) => 1 / (1 + Math.exp((theta * (2 * at - theta)) / (2 * s ** 2)))));
    slopes.levels(
      log ? [[-3, "0.001"], [-2, "0.01"], [-1, "0.1"], [0, "1"], [1, "10"]] : [[-4, "\u22124"], [-2, "\u22122"], [0, "0"], [2, "2"], [4, "4"]],
      log ? LOGARITHMIC : LINEAR,
    );
    LOSSES.forEach((name, i) => {
      slopes.line(name, xs, known.all.map((at) => height(at[name])));
      slopes.put(points[i], theta, height(now[name]));
      const [low, high] = log ? LOGARITHMIC : LINEAR;
      points[i].hidden = !(height(now[name]) >= low && height(now[name]) <= high);
      cells[name].textContent = tell(now[name]) +
        (i < 2 ? ` \u00b1 ${tell(now.spread)}` : name === "wasserstein" ? " \u00b1 0" : "");
    });
    distances.line("divergence", xs, known.all.map((at) => at.divergence));
    distances.line("wasserstein", xs, known.all.map((at) => at.distance));
    distances.put(heights.divergence, theta, now.divergence);
    distances.put(heights.wasserstein, theta, now.distance);
    heights.wasserstein.hidden = now.distance > TALLEST;
    cursors.forEach((line) => (line.style.left = `${(100 * (theta + REACH)) / (2 * REACH)}%`));
    readout.textContent = say(theta, s, now);
  };
  const repaint = painter(root, draw);

  body.append(
    element("div", { class: "gnb-keys" }, key("data", "data"), key("model", "model"), key("best", "best D*(x)")),
    element("div", { class: "gnb-sideways" },
      densities.node,
      element("div", { class: "gnb-above" }, element("span", {}, "gradient of each loss by \u03b8, for a model at \u03b8"), logarithmic.node),
      slopes.node,
      element("div", { class: "gnb-above" }, element("span", {}, "distance: "), key("divergence", "JSD, nats"), key("wasserstein", "W\u2081")),
      distances.node),
    element("div", { class: "gnb-columns" },
      element("div", { class: "gnb-sliders gnb-side" }, sliders.theta.node, sliders.s.node),
      element("div", { class: "gnb-side gnb-wide" }, table)),
  );
  const changed = () => {
    sliders.theta.set(model.get("theta"));
    sliders.s.set(model.get("s"));
    logarithmic.input.checked = model.get("log");
    repaint();
  };
  const names = ["theta", "s", "log"];
  for (const name of names) model.on(`change:${name}`, changed);
  repaint();
  return () => names.forEach((name) => model.off(`change:${name}`, changed));
}

/** Two or three digits, however small. @param {number} v */
function tell(v) {
  const size = Math.abs(v);
  if (size === 0 || size >= 0.0995) return number(v, size < 9.95 ? 2 : 1);
  if (size >= 0.000995) return number(v, size < 0.00995 ? 4 : 3);
  const [digits, power] = v.toExponential(1).split("e-");
  return `${digits.replace("-", "\u2212")}\u00b710\u207b${[...power].map((d) => "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[Number(d)]).join("")}`;
}

/** @param {number} theta @param {number} s @param {ReturnType<typeof lossNumbers>} now */
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
