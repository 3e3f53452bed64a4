// @ts-check
// Hopfield's network: units of −1 and +1 that look at each other, and what Hebb's rule has stored between them.

import { random } from "../kit/maths.js";

/** A state from the numbers that its rows spell, +1 for a digit that is 1. @param {number[]} rows @param {number} width */
export const toSigns = (rows, width) =>
  Int8Array.from({ length: rows.length * width }, (_, i) => 2 * (Math.floor(rows[Math.floor(i / width)] / 2 ** (width - 1 - (i % width))) % 2) - 1);

/** The numbers that the rows of a state spell. @param {Int8Array} s @param {number} width */
export const fromSigns = (s, width) =>
  Array.from({ length: s.length / width }, (_, row) => s.subarray(row * width, (row + 1) * width).reduce((sum, one) => 2 * sum + Number(one > 0), 0));

/** Whole numbers below a count, in random order. @param {number} count @param {() => number} uniform */
export function shuffled(count, uniform) {
  const draws = Float64Array.from({ length: count }, uniform);
  return Array.from(draws.keys()).sort((i, j) => draws[i] - draws[j]);
}

/**
 * A state with a share of its units flipped; once more, they are as they were.
 * @param {Int8Array} s
 * @param {number} share
 * @param {number} seed
 */
export function flipped(s, share, seed) {
  const next = s.slice();
  for (const i of shuffled(s.length, random(seed).uniform).slice(0, Math.round(share * s.length))) next[i] = -next[i];
  return next;
}

/**
 * The network in a state. The weights are never written out: W = Σ ξξᵀ/n without a diagonal acts on a state through
 * the sums ξᵀs alone, and n times a net input is a whole number, so that no rounding decides a tie.
 * @param {Int8Array[]} patterns those that are stored
 * @param {Int8Array} start
 */
export function hopfield(patterns, start) {
  const s = start.slice(), n = s.length, count = patterns.length;
  const sums = patterns.map((xi) => s.reduce((sum, one, i) => sum + one * xi[i], 0));
  const input = (/** @type {number} */ i) => patterns.reduce((sum, xi, p) => sum + xi[i] * sums[p], -count * s[i]);
  const atOdds = (/** @type {number} */ i) => input(i) * s[i] < 0;
  const flip = (/** @type {number} */ i) => {
    patterns.forEach((xi, p) => (sums[p] -= 2 * xi[i] * s[i]));
    s[i] = -s[i];
  };
  /** Units that would flip. */
  const restless = () => Array.from(s.keys()).filter(atOdds);
  return {
    s,
    restless,
    /** −sᵀWs/2. */
    energy: () => (count * n - sums.reduce((sum, m) => sum + m * m, 0)) / (2 * n),
    /** ξᵀs/n of each pattern. */
    overlaps: () => sums.map((m) => m / n),
    /** Let a unit take the sign of its net input; say whether that flips it. @param {number} i */
    update(i) {
      const turns = atOdds(i);
      if (turns) flip(i);
      return turns;
    },
    /** Let all units do so at once; say how many flip. */
    updateAll() {
      const all = restless();
      all.forEach(flip);
      return all.length;
    },
  };
}

/**
 * Recall from a state.
 * @param {Int8Array[]} patterns
 * @param {Int8Array} start
 * @param {boolean} together whether all units move at once, or one after another in a new order each sweep
 * @param {number} seed of the orders
 */
export function recall(patterns, start, together, seed) {
  const net = hopfield(patterns, start), n = start.length, { uniform } = random(seed);
  let order = /** @type {number[]} */ ([]), before = ["", net.s.join()];
  const self = {
    ...net, sweeps: 0, flips: 0,
    /** The unit that flipped last; -1 where all move at once, or none has. */
    last: -1,
    /** Whether two states come back by turns. */
    swings: false,
    /** Sweeps and the energy, before and after each flip. */
    trail: [[0, net.energy()]],
    over: () => self.swings || net.restless().length === 0,
    /** One unit's turn, or that of all; says how many flip. */
    step() {
      if (!order.length) order = shuffled(n, uniform);
      const unit = together ? -1 : /** @type {number} */ (order.pop()), above = self.trail[self.trail.length - 1][1];
      const flips = together ? net.updateAll() : Number(net.update(unit));
      self.sweeps += together ? 1 : 1 / n;
      if (!flips) return 0;
      self.flips += flips;
      self.last = unit;
      self.trail.push(...(together ? [] : [[self.sweeps, above]]), [self.sweeps, net.energy()]);
      const now = together ? net.s.join() : "";
      self.swings = together && now === before[0];
      before = [before[1], now];
      return flips;
    },
    /** Steps until a unit flips, if any would. */
    toFlip() {
      if (net.restless().length) while (!self.step());
    },
  };
  return self;
}

/**
 * The pattern that a state is most like, or most unlike, from 0, and whether the state is it or its negative.
 * @param {number[]} overlaps
 */
export function nearest(overlaps) {
  const best = overlaps.reduce((b, m, p) => (Math.abs(m) > Math.abs(overlaps[b]) ? p : b), 0);
  return { best, overlap: overlaps[best], exact: Math.abs(overlaps[best]) === 1 };
}
