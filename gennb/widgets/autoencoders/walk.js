// @ts-check
// Steps of the chain that corrupts and denoises by turns in the plane, and the field that it follows.

/** @typedef {[number, number]} Point */
/** @typedef {(x: Point) => ArrayLike<number>} Denoiser */

/**
 * A step of the chain.
 * @param {Denoiser} r @param {Point} x @param {number} noise @param {number} residual standard deviations
 * @param {() => number} normal
 * @returns {{from: Point, corrupted: Point, denoised: Point, to: Point}}
 */
export function step(r, [x, y], noise, residual, normal) {
  const corrupted = /** @type {Point} */ ([x + noise * normal(), y + noise * normal()]), [a, b] = Array.from(r(corrupted));
  return { from: [x, y], corrupted, denoised: [a, b], to: [a + residual * normal(), b + residual * normal()] };
}

/** Mark the points within a distance of a place. @param {ArrayLike<number>} points @param {Uint8Array} met @param {Point} x @param {number} near */
export function meet(points, met, [x, y], near) {
  for (let i = 0; i < met.length; i++) if ((points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2 <= near ** 2) met[i] = 1;
}

/** The arrows r(x) − x over the square, cut where they are long. @param {Denoiser} r @param {number} extent @param {number} columns @param {number} cut */
export function fieldOf(r, extent, columns, cut) {
  const cell = (2 * extent) / columns, at = (/** @type {number} */ i) => cell * (i + 0.5) - extent;
  return Array.from({ length: columns ** 2 }, (_, i) => {
    const x = at(i % columns), y = at(Math.floor(i / columns)), [u, v] = Array.from(r([x, y]));
    const share = Math.min(1, (cut * cell) / Math.hypot(u - x, v - y));
    return /** @type {[Point, Point]} */ ([[x, y], [x + share * (u - x), y + share * (v - y)]]);
  });
}
