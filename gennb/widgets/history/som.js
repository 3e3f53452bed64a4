// @ts-check
// Kohonen's self-organizing map in the unit square: its rule, how it cools down, and how well it lies there.

import { random } from "../kit/maths.js";

/** @typedef {[number, number]} Place right and down, from 0 to 1 */
/** @typedef {{rows: number, columns: number, w: Place[]}} Sheet units, row by row, and where each lies */

export const EXAMPLES = 3000;
const [RADIUS, LR] = [[0.5], [0.5, 0.02]]; // the last radius; the first and the last learning rate
const ORDERS = 10000; // seeds from here on are those of examples
const NEIGHBORS = 1.5; // the eight units around one are nearer than this

/** How far two units are in the sheet. @param {Sheet} sheet @param {number} i @param {number} j */
const apart = ({ columns }, i, j) => Math.hypot(Math.floor(i / columns) - Math.floor(j / columns), (i % columns) - (j % columns));

/** A sheet whose units lie wherever chance puts them. @param {number} rows @param {number} columns @param {number} seed @returns {Sheet} */
export function scattered(rows, columns, seed) {
  const { uniform } = random(seed);
  return { rows, columns, w: Array.from({ length: rows * columns }, () => [uniform(), uniform()]) };
}

/** The unit nearest to a place, the next one, and how far the first is. @param {Sheet} sheet @param {Place} x */
export function nearest({ w }, [x, y]) {
  let first = -1, second = -1, least = Infinity, less = Infinity;
  for (let k = 0; k < w.length; k++) {
    const d = (x - w[k][0]) ** 2 + (y - w[k][1]) ** 2;
    if (d < least) [second, less, first, least] = [first, least, k, d];
    else if (d < less) [second, less] = [k, d];
  }
  return { first, second, distance: Math.sqrt(least) };
}

/**
 * Let the winner and its neighbors in the sheet move towards an example; gives the winner.
 * @param {Sheet} sheet changed in place
 * @param {Place} x @param {number} lr @param {number} radius
 */
export function learn(sheet, x, lr, radius) {
  const winner = nearest(sheet, x).first;
  sheet.w = sheet.w.map(([u, v], k) => {
    const share = lr * Math.exp(-(apart(sheet, k, winner) ** 2) / (2 * radius ** 2));
    return [u + share * (x[0] - u), v + share * (x[1] - v)];
  });
  return winner;
}

/** Radius and learning rate after so many examples: each of them shrinks both by the same factor. @param {number} seen @param {number} radius the first */
export function schedule(seen, radius) {
  const shrunk = (/** @type {number} */ from, /** @type {number} */ to) => from * (to / from) ** (seen / EXAMPLES);
  return { radius: shrunk(radius, RADIUS[0]), lr: shrunk(LR[0], LR[1]) };
}

/** The middles of the painted cells of a square drawing. @param {Uint8Array} cells @param {number} side @returns {Place[]} */
export const middles = (cells, side) =>
  Array.from(cells.keys()).filter((i) => cells[i]).map((i) => [((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side]);

/**
 * A map that learns from the places of a drawing, all of them equally likely.
 * @param {Sheet} sheet @param {Place[]} cells the middles of those that are painted @param {number} side cells in a row
 * @param {number} first the first radius @param {number} seed
 */
export function training(sheet, cells, side, first, seed) {
  const { uniform } = random(ORDERS + seed), anywhere = (/** @type {number} */ v) => v + (uniform() - 0.5) / side;
  const self = {
    ...sheet, cells, seen: 0,
    /** The last example, the unit that won it, and where the units were before. @type {{x: Place, winner: number, before: Place[]} | null} */
    last: null,
    cooled: () => schedule(self.seen, first),
    over: () => self.seen === EXAMPLES || cells.length === 0,
    /** Show it the next example. */
    step() {
      if (self.over()) return;
      const [u, v] = cells[Math.floor(uniform() * cells.length)], { lr, radius } = self.cooled(), before = self.w;
      const x = /** @type {Place} */ ([anywhere(u), anywhere(v)]);
      self.last = { x, winner: learn(self, x, lr, radius), before };
      self.seen++;
    },
  };
  return self;
}

/**
 * The mean distance from some places to the nearest unit, and the share of them whose second nearest is no neighbor of it.
 * @param {Sheet} sheet @param {Place[]} places
 */
export function errors(sheet, places) {
  const found = places.map((x) => nearest(sheet, x)), mean = (/** @type {number[]} */ all) => all.reduce((sum, v) => sum + v, 0) / all.length;
  return {
    quantization: mean(found.map(({ distance }) => distance)),
    topographic: mean(found.map(({ first, second }) => Number(apart(sheet, first, second) > NEIGHBORS))),
  };
}

/** The lines of the net: pairs of units side by side in the sheet. @param {Sheet} sheet */
export const lines = ({ rows, columns, w }) => w.flatMap((_, k) => [
  ...((k + 1) % columns ? [[k, k + 1]] : []), ...(k + columns < rows * columns ? [[k, k + columns]] : []),
]);

/** How many pairs of these lines cross. @param {Sheet} sheet */
export function crossings(sheet) {
  const ends = lines(sheet).map(([i, j]) => [...sheet.w[i], ...sheet.w[j]]);
  let count = 0;
  for (let p = 0; p < ends.length; p++) {
    const [ax, ay, bx, by] = ends[p], [abx, aby] = [bx - ax, by - ay];
    for (let q = 0; q < p; q++) {
      const [cx, cy, dx, dy] = ends[q];
      if ((abx * (cy - ay) - aby * (cx - ax)) * (abx * (dy - ay) - aby * (dx - ax)) >= 0) continue;
      const cdx = dx - cx, cdy = dy - cy;
      if ((cdx * (ay - cy) - cdy * (ax - cx)) * (cdx * (by - cy) - cdy * (bx - cx)) < 0) count++;
    }
  }
  return count;
}
