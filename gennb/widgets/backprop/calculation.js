// @ts-check
// A calculation in steps: forwards its numbers, backwards the slopes of its result.

/** @typedef {{inputs: string[], start: number[], steps: string[][], places: Record<string, number[]>}} Calculation */
/** @typedef {{from: string, local: number, part: number}} Part a number, the slope of one step in it, what arrives there */

/** What an operation makes of numbers, and its slope in each. @type {Record<string, (u: number, v: number) => [number, number[]]>} */
const OPERATIONS = {
  "+": (u, v) => [u + v, [1, 1]],
  "\u2212": (u, v) => [u - v, [1, -1]],
  "\u00d7": (u, v) => [u * v, [v, u]],
  tanh: (u) => [Math.tanh(u), [1 - Math.tanh(u) ** 2]],
};

/**
 * All numbers, and what each step backwards hands on, the last step's first.
 * @param {Calculation} calculation
 * @param {number[]} inputs
 */
export function sweep({ inputs: names, steps }, inputs) {
  /** @type {Record<string, number>} */
  const values = Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
  const locals = steps.map(([name, operation, ...taken]) => {
    const [value, slopes] = OPERATIONS[operation](values[taken[0]], values[taken[1]]);
    values[name] = value;
    return slopes;
  });
  const last = steps[steps.length - 1][0];
  /** @type {Record<string, number>} */
  const slopes = { [last]: 1 };
  const back = steps.map((_, i) => steps.length - 1 - i).map((at) => {
    const [name, , ...taken] = steps[at];
    return taken.map((from, j) => {
      const local = locals[at][j], part = slopes[name] * local;
      slopes[from] = (slopes[from] ?? 0) + part;
      return { from, local, part };
    });
  });
  return { values, back, last };
}

/** How a step is written. @param {string[]} step @param {(name: string) => string} write */
export const written = ([, operation, ...taken], write) =>
  operation === "tanh" ? `tanh ${write(taken[0])}` : taken.map(write).join(` ${operation} `);
