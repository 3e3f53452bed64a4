// @ts-check
// The Fréchet distance estimated from n samples: too large by a bias that falls like 1/n.

import { box, key, number, whole } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { clamp, random, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

const FEW = 5, MANY = 100, BUDGET = 8; // estimates at each size, and milliseconds of a frame
const HUES = ["own", "model"], SIDE = 1000; // of the graph's drawing
/** @typedef {ReturnType<typeof random>} Dice */

/** @param {number[]} u @param {number[]} v */
function dot(u, v) {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
  return sum;
}

/**
 * Sum of the singular values of a matrix by Jacobi's rotations from one side: they end with columns at right angles.
 * @param {number[][]} columns are turned
 */
export function nuclearNorm(columns) {
  const total = columns.reduce((sum, column) => sum + dot(column, column), 0);
  for (let turned = true; turned; ) {
    turned = false;
    for (let p = 0; p < columns.length; p++) for (let q = p + 1; q < columns.length; q++) {
      const u = columns[p], v = columns[q], a = dot(u, u), b = dot(v, v), c = dot(u, v);
      if (Math.abs(c) <= 1e-8 * Math.sqrt(a * b) + 1e-24 * total) continue;
      turned = true;
      const half = (b - a) / (2 * c), tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(1, half));
      const cosine = 1 / Math.hypot(1, tangent), sine = cosine * tangent;
      for (let i = 0; i < u.length; i++) {
        const before = u[i];
        u[i] = cosine * before - sine * v[i];
        v[i] = sine * before + cosine * v[i];
      }
    }
  }
  return columns.reduce((sum, column) => sum + Math.sqrt(dot(column, column)), 0);
}

/** Chi-squared, by Marsaglia and Tsang's way to draw a gamma. @param {number} degrees at least 2 @param {Dice} dice */
function chiSquared(degrees, dice) {
  const shape = degrees / 2 - 1 / 3, scale = 1 / Math.sqrt(9 * shape);
  for (;;) {
    const x = dice.normal(), v = (1 + scale * x) ** 3;
    if (v > 0 && Math.log(1 - dice.uniform()) < x ** 2 / 2 + shape * (1 - v + Math.log(v))) return 2 * shape * v;
  }
}

/**
 * One estimate from n samples of N(0, I) and n of the same, moved along the first axis: distance + 2 along √distance + still.
 * Means and covariances come from their exact distribution; the latter have triangular roots L, of covariance L Lᵀ
 * (Bartlett), and the trace of the root of the product is the nuclear norm of L₁ᵀ L₂.
 * @param {number} d @param {number} n @param {Dice} dice
 */
export function estimate(d, n, dice) {
  const draw = (/** @type {number} */ row, /** @type {number} */ column) =>
    row < column ? 0 : (row > column ? dice.normal() : Math.sqrt(chiSquared(n - 1 - row, dice))) / Math.sqrt(n - 1);
  const axes = [...Array(d).keys()], [first, second] = [0, 1].map(() => axes.map((column) => axes.map((row) => draw(row, column))));
  const apart = axes.map(() => Math.sqrt(2 / n) * dice.normal());
  const traces = [...first, ...second].reduce((sum, column) => sum + dot(column, column), 0);
  return { still: dot(apart, apart) + traces - 2 * nuclearNorm(second.map((v) => first.map((u) => dot(u, v)))), along: apart[0] };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, player, show } = stage(context);
  const names = ["n", "n_worse"];
  /** @type {number[]} */
  const sizes = get("limits").sizes, ends = [Math.log(sizes[0] / 1.4), Math.log(sizes[sizes.length - 1] * 1.4)];
  const rung = (/** @type {number} */ n) => sizes.reduce((best, size, i) => (Math.abs(Math.log(size / n)) < Math.abs(Math.log(sizes[best] / n)) ? i : best), 0);
  const plot = graph({
    x: ends, y: [0, 1], lines: HUES.flatMap((hue) => [`gets-${hue}`, `cloud-${hue}`, `mean-${hue}`, `theory-${hue}`]), look: "gnb-sizes",
    ticks: [100, 1000, 10000].map((n) => [Math.log(n), n === 100 ? "n = 100" : whole(n)]),
    label: "Estimates of the Fréchet distance over the number of samples. Drag a ring sideways to give its model more samples or fewer.",
  });
  const rings = HUES.map((hue) => plot.add(`gnb-dot gnb-handle gnb-hue-${hue}`));
  let held = 0, high = 1;
  /** What a model is expected to get. @param {number} model @param {number} n */
  const expected = (model, n) => model * get("distance") + (get("d") * (get("d") + 5)) / (2 * n);
  const places = () => names.map((name) => rung(get(name)));
  plot.drag((x, y, first) => {
    const far = places().map((i, model) => Math.hypot((x - Math.log(sizes[i])) / (ends[1] - ends[0]), (y - expected(model, sizes[i])) / high / 3));
    if (first) held = far[0] <= far[1] ? 0 : 1;
    change({ [names[held]]: sizes[rung(Math.exp(x))] });
  });

  /** For each model and size, its estimates. @type {ReturnType<typeof estimate>[][][]} */
  let clouds = [], dice = random(1), known = 0;
  const count = () => clouds[0][0].length;
  const more = () => clouds.forEach((cloud) => cloud.forEach((all, i) => all.length < MANY && all.push(estimate(known, sizes[i], dice))));
  const draw = player("Draw samples", () => {
    for (const end = performance.now() + BUDGET; count() < MANY && performance.now() < end; ) more();
    if (count() === MANY) draw.stop();
  }, { step: ["Draw once", more], reset: () => (known = 0) });
  const size = (/** @type {string} */ trait, /** @type {string} */ label) =>
    slider({ trait, label, min: 0, max: sizes.length - 1, step: 1, get: () => rung(get(trait)), set: (i) => change({ [trait]: sizes[i] }), text: (i) => whole(sizes[i]) });

  body.append(
    box("gnb-keys", key("hue-own", "perfect"), key("hue-model", "worse"), key("hue-best", "expected")),
    box("gnb-sideways", plot.node),
    draw.row([], box("gnb-sliders",
      slider({ trait: "d", label: "dimension d", step: 1, text: String }).node, slider({ trait: "distance", label: "distance, worse", step: 0.05 }).node,
      size("n", "n, perfect").node, size("n_worse", "n, worse").node)),
  );
  return show(() => {
    const d = get("d"), distance = get("distance"), at = places();
    if (known !== d) {
      [clouds, dice, known] = [HUES.map(() => sizes.map(() => [])), random(1), d];
      for (let i = 0; i < FEW; i++) more();
    }
    high = 1.15 * expected(1, sizes[0]);
    const tick = 10 ** Math.floor(Math.log10(high)) * (high / 10 ** Math.floor(Math.log10(high)) < 5 ? 1 : 5);
    plot.levels([[distance, `truth ${number(distance)}`], [tick, `Fr\u00e9chet distance ${tick}`]], [0, high]);
    const got = clouds.map((cloud, model) => cloud.map((all) => all.map(({ still, along }) => still + model * (distance + 2 * along * Math.sqrt(distance)))));
    const mean = (/** @type {number[]} */ all) => all.reduce((a, b) => a + b) / all.length;
    got.forEach((cloud, model) => {
      const dots = (/** @type {string} */ name, /** @type {number[][]} */ points) => plot.paths[`${name}-${HUES[model]}`].setAttribute("d", points.map(([n, v]) =>
        `M${((SIDE * (Math.log(n) - ends[0])) / (ends[1] - ends[0])).toFixed(1)} ${(SIDE * (1 - v / high)).toFixed(1)}h0`).join(""));
      dots("cloud", cloud.flatMap((all, i) => all.map((v) => [sizes[i] * (0.97 + 0.06 * model), v])));
      dots("mean", cloud.map((all, i) => [sizes[i] * (0.97 + 0.06 * model), mean(all)]));
      plot.line(`theory-${HUES[model]}`, steps(ends[0], ends[1], 60), (x) => expected(model, Math.exp(x)));
      const gets = mean(cloud[at[model]]);
      plot.line(`gets-${HUES[model]}`, ends, () => gets);
      plot.put(rings[model], Math.log(sizes[at[model]]), Math.min(high, gets));
    });
    const [perfect, worse] = got.map((cloud, model) => cloud[at[model]]);
    readout.textContent = say(mean(perfect), mean(worse), distance, perfect.filter((v, i) => v > worse[i]).length, perfect.length);
  });
}

/** @param {number} perfect @param {number} worse their mean estimates @param {number} distance @param {number} lost @param {number} count */
function say(perfect, worse, distance, lost, count) {
  return `On average the perfect model gets ${number(perfect)}, in truth 0; the ${distance === 0 ? "other, as perfect," : "worse one"} ${number(worse)}, in truth ${number(distance)}.\n` +
    `The perfect model loses ${lost} times of ${count}.`;
}

export default { render };
