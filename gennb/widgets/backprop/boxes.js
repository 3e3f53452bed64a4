// @ts-check
// Arrows between boxes of one size.

const BOX = [104, 62], HEAD = 8; // pixels, as in the styles

/** An arrow from box to box, set aside by some pixels, and its middle. @param {number[]} from @param {number[]} to @param {number} aside */
export function arrow([x, y], [u, v], aside) {
  const dx = u - x, dy = v - y, far = Math.hypot(dx, dy), [right, down] = [(-aside * dy) / far, (aside * dx) / far];
  const rim = Math.min(BOX[0] / 2 / Math.abs(dx), BOX[1] / 2 / Math.abs(dy));
  const at = (/** @type {number} */ t) => [x + t * dx + right, y + t * dy + down];
  const [start, end] = [at(rim), at(1 - rim)], angle = Math.atan2(dy, dx);
  const wing = (/** @type {number} */ turn) => `${end[0] - HEAD * Math.cos(angle + turn)} ${end[1] - HEAD * Math.sin(angle + turn)}`;
  return { path: `M${start}L${end}M${wing(0.45)}L${end}L${wing(-0.45)}`, middle: at(0.5) };
}
