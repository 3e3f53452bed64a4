// @ts-check
// A restricted Boltzmann machine of six visible and three hidden units that learns two patterns, all by enumeration.

import { sigmoid, softplus } from "../kit/maths.js";

const EXAMPLES = 50, CHAINS = 500, STAGES = 4;
const NOISE = 0.03; // each unit of a pattern is flipped now and then
export const VISIBLE = 6;
const HIDDEN = 3;
const LEFT = 0b111000;
const RIGHT = 0b000111;

/** @typedef {{W: number[][], b: number[], c: number[]}} Machine weights (visible, hidden), biases of both sides */
/** @typedef {{rule: string, rate: number, share: number}} Task */

/** All states of so many units, the first unit first. @param {number} n */
const states = (n) => Array.from({ length: 2 ** n }, (_, s) => Array.from({ length: n }, (_, u) => (s >> (n - 1 - u)) & 1));
export const V = states(VISIBLE);
export const H = states(HIDDEN);
/** How many more units are on among the first three than among the last three. */
const LEANS = V.map((v) => v.reduce((sum, on, i) => sum + (i < VISIBLE / 2 ? on : -on), 0));

/** Inputs of the hidden units. @param {Machine} machine @param {number[]} v */
const inputs = ({ W, c }, v) => c.map((bias, j) => v.reduce((sum, on, i) => sum + on * W[i][j], bias));

/** For each visible state, p(h = 1 | v). @param {Machine} machine */
export const hiddenGiven = (machine) => V.map((v) => inputs(machine, v).map(sigmoid));

/** For each hidden state, p(v = 1 | h). @param {Machine} machine */
export const visibleGiven = ({ W, b }) => H.map((h) => b.map((bias, i) => sigmoid(h.reduce((sum, on, j) => sum + on * W[i][j], bias))));

/**
 * States of one side, given those of the other.
 * @param {number[]} given numbers of states
 * @param {number[][]} chances for each state, that each unit is on
 * @param {() => number} uniform
 */
export const draw = (given, chances, uniform) => given.map((s) => chances[s].reduce((to, p) => 2 * to + Number(uniform() < p), 0));

/**
 * Averages under the data less averages under the fantasies: of v hᵀ, v and h, the hidden units by their means.
 * @param {number[]} data @param {number[]} fantasies @param {number[][]} means for each visible state
 */
export function direction(data, fantasies, means) {
  const more = V.map(() => 0);
  for (const s of data) more[s] += 1 / data.length;
  for (const s of fantasies) more[s] -= 1 / fantasies.length;
  const change = { W: V[0].map(() => H[0].map(() => 0)), b: V[0].map(() => 0), c: H[0].map(() => 0) };
  more.forEach((share, s) => share && V[s].forEach((on, i) => {
    if (!on) return;
    change.b[i] += share;
    for (let j = 0; j < HIDDEN; j++) change.W[i][j] += share * means[s][j];
  }));
  more.forEach((share, s) => change.c.forEach((_, j) => (change.c[j] += share * means[s][j])));
  return change;
}

/** log p(v) of all states, by enumeration. @param {Machine} machine */
export function logProb(machine) {
  const logs = V.map((v) => inputs(machine, v).reduce((sum, a) => sum + softplus(a), v.reduce((sum, on, i) => sum + on * machine.b[i], 0)));
  const most = Math.max(...logs), logZ = most + Math.log(logs.reduce((sum, a) => sum + Math.exp(a - most), 0));
  return logs.map((a) => a - logZ);
}

/** Probability of all states under the data. @param {number} share of the left pattern */
export function dataOf(share) {
  const from = (/** @type {number} */ pattern) => V.map((v) => v.reduce((p, on, i) => p * (on === V[pattern][i] ? 1 - NOISE : NOISE), 1));
  const left = from(LEFT), right = from(RIGHT);
  return left.map((p, s) => share * p + (1 - share) * right[s]);
}

/** Σ p (log p − log q) in nats. @param {number[]} p @param {number[]} logQ */
export const divergence = (p, logQ) => p.reduce((sum, a, s) => sum + a * (Math.log(a) - logQ[s]), 0);

/** Mass of the states that lean left, and half of those that lean nowhere. @param {number[]} p */
export const leftShare = (p) => p.reduce((sum, a, s) => sum + (a * (1 + Math.sign(LEANS[s]))) / 2, 0);

/** What is counted in each bar: a pattern and its neighbors, all that is far from both, the same of the other pattern. */
export const BARS = (() => {
  const near = (/** @type {number} */ pattern) => [pattern, ...V[0].map((_, u) => pattern ^ (1 << (VISIBLE - 1 - u)))];
  const named = [...near(LEFT), ...near(RIGHT)];
  return [...near(LEFT).map((s) => [s]), V.map((_, s) => s).filter((s) => !named.includes(s)), ...near(RIGHT).map((s) => [s]).reverse()];
})();

/** A machine that learns, an update in four stages. @param {ReturnType<typeof import("../kit/maths.js").random>} dice */
export function lesson(dice) {
  const { uniform } = dice, noisy = V.map((v) => v.map((on) => (on ? 1 - NOISE : NOISE)));
  /** @type {Machine} */
  const machine = { W: V[0].map(() => H[0].map(() => 0.1 * dice.normal())), b: V[0].map(() => 0), c: H[0].map(() => 0) };
  let chains = Array.from({ length: CHAINS }, () => Math.floor(V.length * uniform()));
  /** @type {number[]} */
  let data = [], hidden = [], fantasies = [];
  const now = { machine, stage: 0, updates: 0, v: 0, h: 0, vk: 0, hk: 0, change: /** @type {Machine | null} */ (null), advance, update };
  let means = hiddenGiven(machine), back = visibleGiven(machine);
  const ideas = (/** @type {number[]} */ v) => draw(v, means, uniform);
  const dream = (/** @type {number[]} */ h) => draw(h, back, uniform);
  /** @type {((task: Task) => void)[]} */
  const acts = [
    ({ share }) => {
      data = draw(Array.from({ length: EXAMPLES }, () => (uniform() < share ? LEFT : RIGHT)), noisy, uniform);
      [now.v, now.change] = [data[0], null];
    },
    () => [now.h] = hidden = ideas(data),
    ({ rule }) => {
      if (rule === "chains go on") fantasies = chains = dream(ideas(chains));
      else fantasies = dream(hidden);
      for (let k = 1; k < (rule === "CD-5" ? 5 : 1); k++) fantasies = dream(ideas(fantasies));
      [now.vk] = fantasies;
      [now.hk] = ideas([now.vk]);
    },
    ({ rate }) => {
      const up = (now.change = direction(data, fantasies, means));
      const add = (/** @type {number[]} */ to, /** @type {number[]} */ what) => to.forEach((_, i) => (to[i] += rate * what[i]));
      machine.W.forEach((row, i) => add(row, up.W[i]));
      add(machine.b, up.b);
      add(machine.c, up.c);
      [means, back] = [hiddenGiven(machine), visibleGiven(machine)];
      now.updates++;
    },
  ];
  /** @param {Task} task */
  function advance(task) {
    acts[now.stage % STAGES](task);
    now.stage = (now.stage % STAGES) + 1;
  }
  /** Go on to the end of an update. @param {Task} task */
  function update(task) {
    do advance(task);
    while (now.stage < STAGES);
  }
  return now;
}
