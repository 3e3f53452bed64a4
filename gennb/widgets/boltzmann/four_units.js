// @ts-check
// A Boltzmann machine of four units: how often each state is due, and a chain that never comes to rest.

import { box, key, number, svg, whole } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { random, sigmoid } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

const UNITS = [..."ABCD"], STATES = 16, MOST = 4000; // sweeps in a frame
const PAIRS = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
const PLACES = [[24, 22], [106, 22], [24, 98], [106, 98]];

/** The units of a state, A first. @param {number} i its number */
const unitsOf = (i) => UNITS.map((_, u) => (i >> (3 - u)) & 1);

/** E(s), each pair once. @param {number[]} s @param {number[]} strengths of the pairs, then of the units */
export const energy = (s, strengths) =>
  -PAIRS.reduce((sum, [i, j], p) => sum + strengths[p] * s[i] * s[j], 0) - s.reduce((sum, one, u) => sum + strengths[6 + u] * one, 0);

/** Probabilities of all states. @param {number[]} strengths @param {number} temperature */
export function distribution(strengths, temperature) {
  const energies = Array.from({ length: STATES }, (_, i) => energy(unitsOf(i), strengths)), lowest = Math.min(...energies);
  const weights = energies.map((e) => Math.exp((lowest - e) / temperature)), sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/**
 * Draw each unit in turn, given the others.
 * @param {number[]} s changed in place
 * @param {number[]} strengths
 * @param {number} temperature
 * @param {() => number} uniform
 */
export function sweep(s, strengths, temperature, uniform) {
  for (let u = 0; u < s.length; u++) {
    const input = PAIRS.reduce((sum, [i, j], p) => sum + (i === u ? strengths[p] * s[j] : j === u ? strengths[p] * s[i] : 0), strengths[6 + u]);
    s[u] = uniform() < sigmoid(input / temperature) ? 1 : 0;
  }
}

/** The machine as a drawing that shows its state and its weights. */
function machine() {
  const edges = PAIRS.map(([i, j]) => svg("line", { x1: PLACES[i][0], y1: PLACES[i][1], x2: PLACES[j][0], y2: PLACES[j][1] }));
  const circles = PLACES.map(([x, y]) => svg("circle", { cx: x, cy: y, r: 15 }));
  const names = PLACES.map(([x, y], u) => svg("text", { x, y: y + 5 }, document.createTextNode(UNITS[u])));
  return {
    node: svg("svg", { viewBox: "0 0 130 120", class: "gnb-machine", "aria-hidden": "true" }, ...edges, ...circles, ...names),
    /** @param {number[]} s @param {number[]} strengths @param {number} chosen */
    draw(s, strengths, chosen) {
      [...edges, ...circles].forEach((node, p) => {
        node.classList.toggle("gnb-against", strengths[p] < 0);
        node.classList.toggle("gnb-chosen", p === chosen);
        if (p < 6) node.style.strokeWidth = String(0.6 + 1.6 * Math.abs(strengths[p]));
        else for (const each of [node, names[p - 6]]) each.classList.toggle("gnb-on", s[p - 6] === 1);
      });
    },
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, choice, player, show } = stage(context);
  /** @type {string[]} */
  const names = get("limits").names, chosen = () => names.indexOf(get("chosen"));
  const picture = machine();
  const plot = graph({
    x: [0, STATES], y: [0, 1], lines: ["model", "best"], fills: ["model"], look: "gnb-shares",
    label: "For each of the sixteen states, its probability and the share of sweeps after which the chain was in it.",
  });
  const columns = Array.from({ length: STATES }, (_, i) => box("gnb-state", ...unitsOf(i).map((on) => box(on ? "gnb-cell gnb-on" : "gnb-cell"))));

  let dice = random(1), s = [0, 0, 0, 0], visits = Array(STATES).fill(0), sweeps = 0, flips = 0, owed = 0, known = "";
  const begin = () => {
    [dice, s, visits, sweeps, flips, owed] = [random(1), [0, 0, 0, 0], Array(STATES).fill(0), 0, 0, 0];
  };
  const once = () => {
    const before = [...s];
    sweep(s, get("strengths"), get("temperature"), dice.uniform);
    flips = s.filter((one, u) => one !== before[u]).length;
    visits[s.reduce((i, one) => 2 * i + one, 0)]++;
    sweeps++;
  };
  const run = player("Play", (ms) => {
    owed = Math.min(MOST, owed + (ms * get("speed")) / 1000);
    for (; owed >= 1; owed--) once();
  }, { step: ["One sweep", once], reset: () => (known = "") });

  body.append(
    box("gnb-four", picture.node, choice({ label: "The first slider sets", trait: "chosen", options: names.map((name) => [name, name]) }).node),
    box("gnb-sliders",
      slider({ label: "weight or bias", trait: "strengths", limits: "strength", step: 0.1, get: () => get("strengths")[chosen()],
        set: (v) => change({ strengths: get("strengths").with(chosen(), v) }) }).node,
      slider({ label: "temperature", trait: "temperature", step: 0.1, text: (v) => number(v, 1) }).node),
    box("gnb-keys", key("hue-best", "probability"), key("hue-model", "share of the chain's sweeps")),
    plot.node,
    box("gnb-states", ...columns),
    run.row([], slider({ label: "sweeps a second", trait: "speed", step: 1, later: true, text: whole }).node),
  );
  return show(() => {
    const strengths = get("strengths"), temperature = get("temperature"), now = JSON.stringify([strengths, temperature]);
    if (known !== now) begin();
    known = now;
    const p = distribution(strengths, temperature), shares = visits.map((n) => n / Math.max(1, sweeps));
    plot.levels([[0, ""]], [0, 1.12 * Math.max(...p)]);
    const edges = p.flatMap((_, i) => [i + 0.12, i + 0.12, i + 0.88, i + 0.88]);
    const heights = (/** @type {number[]} */ of) => of.flatMap((v) => [0, v, v, 0]);
    plot.line("best", edges, heights(p));
    plot.line("model", edges, heights(shares));
    columns.forEach((column, i) => column.classList.toggle("gnb-now", sweeps > 0 && unitsOf(i).every((on, u) => on === s[u])));
    picture.draw(s, strengths, chosen());
    const variation = p.reduce((sum, v, i) => sum + Math.abs(v - shares[i]), 0) / 2;
    const lowest = Math.min(...p.map((_, i) => energy(unitsOf(i), strengths)));
    readout.textContent = sweeps === 0 ? "The chain has not moved yet." :
      `After ${whole(sweeps)} sweeps: total variation ${number(variation, 3)} from the exact distribution.\n` +
      `In the last sweep ${flips} of 4 units flipped; energy ${number(energy(s, strengths), 1)}, the lowest is ${number(lowest, 1)}.`;
  });
}

export default { render };
