// @ts-check
// Hidden units as cells of a square, and the filter of one of them as a picture.

import { element } from "../kit/elements.js";
import { clamp } from "../kit/maths.js";
import { scatter } from "../kit/plane.js";

/** @typedef {[number, number, number]} Color */

/** Cells in rows from the top, dark where a unit is on. @param {number} count */
export function cells(count) {
  const columns = Math.ceil(Math.sqrt(count)), { canvas, clear } = scatter(columns / 2);
  const part = (/** @type {number} */ share) => clamp(Math.floor(share * columns), 0, columns - 1);
  return {
    canvas, columns,
    /** The unit at a place, from 1. @param {number} x @param {number} y as shares of the side */
    at: (x, y) => Math.min(count, 1 + part(x) + columns * part(y)),
    /** @param {Uint8Array} h @param {number} shown the unit to frame, from 1 @param {Color} ink @param {Color} frame */
    draw(h, shown, ink, frame) {
      const { context, pixel } = clear();
      const place = (/** @type {number} */ j) => /** @type {const} */ ([(j % columns) - columns / 2, columns / 2 - 1 - Math.floor(j / columns)]);
      context.fillStyle = `rgb(${ink})`;
      h.forEach((on, j) => {
        const [x, y] = place(j);
        context.globalAlpha = on ? 0.9 : 0.14;
        context.fillRect(x + 0.1, y + 0.1, 0.8, 0.8);
      });
      const [x, y] = place(shown - 1);
      context.globalAlpha = 1;
      context.strokeStyle = `rgb(${frame})`;
      context.lineWidth = 2 * pixel;
      context.strokeRect(x, y, 1, 1);
    },
  };
}

/** A picture of weights in two colors, strong where they are large. @param {number[]} shape 1, height, width @param {string} label */
export function filterPicture([, height, width], label) {
  const canvas = element("canvas", { class: "gnb-picture", width, height, role: "img", "aria-label": label });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")), image = context.createImageData(width, height);
  return {
    canvas,
    /** @param {Float32Array} weights @param {Color} plus @param {Color} minus */
    draw(weights, plus, minus) {
      const most = weights.reduce((a, w) => Math.max(a, Math.abs(w)), 1e-9);
      weights.forEach((w, i) => image.data.set([...(w > 0 ? plus : minus), (255 * Math.abs(w)) / most], 4 * i));
      context.putImageData(image, 0, 0);
    },
  };
}
