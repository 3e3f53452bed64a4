// @ts-check
// Noise on a digit, by salt and pepper or by hand, and what a denoiser makes of it at once.

import { button } from "../kit/controls.js";
import { box, element, note, number, whole } from "../kit/elements.js";
import { clamp, random } from "../kit/maths.js";
import { unpackNetwork } from "../kit/network.js";
import { inkOf, picture } from "../kit/plane.js";
import { beginnings, sketch, toPixels, toRows } from "../kit/sketch.js";
import { stage } from "../kit/stage.js";

/** @typedef {{seed: number, share: number}} Noise */

/** The pixels that a noise takes, and what it sets each to. @param {number} count @param {Noise} noise @returns {[number, number][]} */
function taken(count, { seed, share }) {
  const { uniform } = random(seed), draws = Float64Array.from({ length: count }, uniform);
  const coins = Array.from(draws, () => Number(uniform() < 0.5)), order = Array.from(draws.keys()).sort((i, j) => draws[i] - draws[j]);
  return order.slice(0, Math.round(share * count)).map((i) => [i, coins[i]]);
}

/**
 * Put salt and pepper on a picture, where another noise was lifted off: that leaves the clean pixels.
 * @param {Uint8Array} pixels
 * @param {Uint8Array} clean
 * @param {Noise} put
 * @param {Noise} [lifted]
 */
export function sprinkle(pixels, clean, put, lifted = { seed: 1, share: 0 }) {
  const next = pixels.slice();
  for (const [i] of taken(pixels.length, lifted)) next[i] = clean[i];
  for (const [i, coin] of taken(pixels.length, put)) next[i] = coin;
  return next;
}

/** @param {ArrayLike<number>} x @param {ArrayLike<number>} y */
const meanSquare = (x, y) => Array.from(x, (v, i) => (v - y[i]) ** 2).reduce((a, b) => a + b) / x.length;

/**
 * How far a picture is from the clean one: pixels that differ once it is cut at one half, and the PSNR in dB.
 * @param {ArrayLike<number>} x @param {Uint8Array} clean
 */
export const distance = (x, clean) =>
  ({ differ: clean.filter((v, i) => v !== Number(x[i] > 0.5)).length, psnr: -10 * Math.log10(meanSquare(x, clean)) });

/** @param {number} psnr */
const decibels = (psnr) => `PSNR ${Number.isFinite(psnr) ? number(psnr, 1) : "∞"} dB`;

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, toggle, slider, repaint, show } = stage(context);
  const shape = get("image_shape"), width = shape[2], { run } = unpackNetwork(get("network"), get("weights"));
  const [, most] = get("linked").passes, [, seeds] = get("linked").seed;
  const drawn = () => toPixels(get("drawing"), width), pixels = drawn().length;
  const clean = () => {
    const begun = Math.round(get("begun"));
    return begun ? toPixels(get("starts")[begun - 1], width) : new Uint8Array(pixels);
  };
  /** @param {Uint8Array} next @param {Record<string, number>} [also] */
  const keep = (next, also) => change({ drawing: toRows(next, width), passes: 1, ...also });
  /** @param {number} share @param {number} seed */
  const renew = (share, seed) =>
    keep(sprinkle(drawn(), clean(), { seed, share }, { seed: get("seed"), share: get("noise") }), { noise: share, seed });

  let erases = false;
  const { pad, draw, help, end } = sketch(shape, { get: drawn, set: keep, erases: () => erases, moved: repaint });
  const answer = picture(shape, "The denoised picture."), passed = element("span", { class: "gnb-note" });
  const starts = beginnings(shape, get("starts"), (rows, begun) => {
    const noise = begun ? get("noise") : 0, own = toPixels(rows, width);
    keep(sprinkle(own, own, { seed: get("seed"), share: noise }), { begun, noise });
  });
  body.append(
    box("gnb-mending",
      box("gnb-figure", pad, box("gnb-under-pad", note("on the pad"), toggle({ label: "eraser", get: () => erases, set: (on) => (erases = on) }).node)),
      box("gnb-figure", answer.canvas, box("gnb-under-pad", passed, button("Again", () => change({ passes: Math.min(most, get("passes") + 1) })))),
      starts.node),
    box("gnb-noise",
      slider({ label: "noise", trait: "noise", step: 0.01, set: (v) => renew(v, get("seed")), text: (v) => `${Math.round(100 * v)} %` }).node,
      button("Sprinkle", () => renew(get("noise"), (get("seed") % seeds) + 1))),
    ...help(),
  );
  const stop = show((look) => {
    const ink = inkOf(root), given = drawn(), passes = Math.round(get("passes"));
    let denoised = run(given);
    for (let k = 1; k < passes; k++) denoised = run(denoised);
    draw(given, ink);
    answer.draw(denoised, ink);
    if (look) starts.draw(ink);
    passed.textContent = passes === 1 ? "denoised" : `denoised ${passes} times`;
    const black = (/** @type {ArrayLike<number>} */ x) => distance(x, new Uint8Array(pixels)).differ;
    const before = distance(given, clean()), after = distance(denoised, clean());
    readout.textContent = get("begun") >= 0.5
      ? `On the pad: ${before.differ} of ${whole(pixels)} pixels differ from the clean digit, ${decibels(before.psnr)}.\n` +
        `Denoised: ${after.differ} differ, cut at one half; in gray ${decibels(after.psnr)}.`
      : `On the pad: ${black(given)} of ${whole(pixels)} pixels are ink; there is no clean digit to compare with.\n` +
        `Denoised: ${black(denoised)} are ink, cut at one half.`;
  });
  return () => (stop(), end());
}

export default { render };
