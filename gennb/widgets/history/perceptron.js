// @ts-check
// The perceptron's rule, and how often it can be wrong. On a dyadic grid all its sums are exact, and so is what is
// said here of points on a line, of points that no line separates, and of weights that come back.

/** @typedef {number[]} Vector of three numbers: weights and bias, or a point and its class */

/** @param {Vector} u @param {Vector} v */
const dot = (u, v) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];

/** u times r and v times s. @param {number} r @param {Vector} u @param {number} s @param {Vector} v */
const blend = (r, u, s, v) => u.map((value, i) => r * value + s * v[i]);

/** @param {Vector} u @param {Vector} v */
const cross = (u, v) => [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];

/** The extended point (x, 1) times its class. @param {Vector} point */
const signed = ([x, y, sign]) => [sign * x, sign * y, sign];

/**
 * R, the length of the longest extended point, and γ, the largest margin, 0 where no line separates: the distance from
 * 0 to the hull of the signed points. Its nearest point is that of a plane, a line or a point through some of them.
 * @param {Vector[]} points
 */
export function bounds(points) {
  const all = points.map(signed), /** @type {Vector[]} */ ways = [...all];
  all.forEach((a, i) => all.slice(0, i).forEach((b, j) => {
    const side = blend(1, b, -1, a), up = blend(dot(side, side), a, -dot(a, side), side);
    ways.push(up);
    for (const c of all.slice(0, j)) {
      const normal = cross(side, blend(1, c, -1, a));
      ways.push(normal, normal.map((v) => -v));
    }
  }));
  const margin = (/** @type {Vector} */ way) => Math.min(...all.map((z) => dot(z, way))) / (Math.hypot(...way) || 1);
  return { radius: Math.max(...all.map((z) => Math.hypot(...z))), margin: Math.max(0, ...ways.map(margin)) };
}

/** A perceptron that knows nothing yet of some points. @param {Vector[]} points */
export const begin = (points) => ({
  all: points.map(signed), w: [0, 0, 0], before: [0, 0, 0], mistakes: 0,
  /** The point that it has learned from last: a pass begins after the last of them. */
  last: points.length - 1,
  /** How many mistakes ago weights and point were the same; 0 if never. */
  period: 0,
  met: new Map([[`0,0,0 ${points.length - 1}`, 0]]),
});

/** @typedef {ReturnType<typeof begin>} Learner */

/** How many points are wrong. @param {Learner} now */
export const wrong = ({ all, w }) => all.filter((z) => dot(z, w) <= 0).length;

/** Learn from the next mistake, if a whole pass meets any. @param {Learner} now changed in place */
export function step(now) {
  const { all, w } = now;
  const ahead = all.map((_, k) => (now.last + 1 + k) % all.length), next = ahead.find((i) => dot(all[i], w) <= 0);
  if (next === undefined) return false;
  Object.assign(now, { before: w, w: blend(1, w, 1, all[next]), last: next, mistakes: now.mistakes + 1 });
  if (now.period) return true;
  const key = `${now.w} ${next}`;
  now.period = now.mistakes - (now.met.get(key) ?? now.mistakes);
  now.met.set(key, now.mistakes);
  return true;
}
