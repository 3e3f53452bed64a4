// @ts-check
// Units of a layer as cells of a square, one of them to choose, and the weights of one as a picture.

import { knob } from "./controls.js";
import { draggable } from "./drag.js";
import { element } from "./elements.js";
import { clamp } from "./maths.js";
import { scatter } from "./plane.js";

/** @typedef {[number, number, number]} Color */

/** Cells in rows from the top, dark where a unit is on. @param {number} count */
export function cells(count) {
  const columns = Math.ceil(Math.sqrt(count)), { canvas, clear } = scatter(columns / 2);
  const part = (/** @type {number} */ share) => clamp(Math.floor(share * columns), 0, columns - 1);
  return {
    canvas, columns,
    /** The unit at a place, from 1. @param {number} x @param {number} y as shares of the side */
    at: (x, y) => Math.min(count, 1 + part(x) + columns * part(y)),
    /**
     * @param {ArrayLike<number>} h how far each unit is on, from 0 to 1
     * @param {number} shown the unit to frame, from 1
     * @param {Color} ink @param {Color} frame
     * @param {boolean} [crossed] whether the framed one is crossed out
     */
    draw(h, shown, ink, frame, crossed = false) {
      const { context, pixel } = clear();
      const place = (/** @type {number} */ j) => /** @type {const} */ ([(j % columns) - columns / 2, columns / 2 - 1 - Math.floor(j / columns)]);
      context.fillStyle = `rgb(${ink})`;
      for (let j = 0; j < count; j++) {
        const [x, y] = place(j);
        context.globalAlpha = 0.14 + 0.76 * h[j];
        context.fillRect(x + 0.1, y + 0.1, 0.8, 0.8);
      }
      const [x, y] = place(shown - 1);
      context.globalAlpha = 1;
      context.strokeStyle = `rgb(${frame})`;
      context.lineWidth = 2 * pixel;
      context.strokeRect(x, y, 1, 1);
      if (crossed) context.stroke(new Path2D(`M${x} ${y}l1 1m-1 0l1 -1`));
    },
  };
}

/**
 * Cells of which one can be chosen: by a mouse that points or clicks, by a tap, by keys. The trait "unit" has its
 * number, from 1; 0, where a second click on it leads, leaves the choice to the explorable.
 * @param {ReturnType<import("./stage.js").stage>} stage
 * @param {number} count
 * @param {{label: string, none: string}} words what is chosen here, and what is when nothing is
 */
export function unitField({ get, change, control, repaint }, count, { label, none }) {
  const grid = cells(count), chosen = () => Math.round(get("unit"));
  const choose = (/** @type {number} */ unit) => change({ unit: clamp(unit, 0, count) });
  const by = (/** @type {number} */ step) => () => choose(chosen() + step);
  const { node } = control(knob({
    class: "gnb-plane gnb-units", label, min: 0, max: count, small: 1, big: 10, get: chosen, set: choose,
    text: () => (chosen() ? `unit ${chosen()}` : none), keys: { ArrowUp: by(-grid.columns), ArrowDown: by(grid.columns) },
  }));
  node.append(grid.canvas);
  let held = 0, pointed = 0;
  draggable(node, (x, y, first) => {
    const unit = grid.at(x, y);
    if (first || unit !== held) choose(first && unit === chosen() ? 0 : unit);
    [held, pointed] = [unit, 0];
  });
  const point = (/** @type {number} */ unit) => ((pointed = unit), repaint());
  node.addEventListener("pointermove", (event) => event.pointerType === "mouse" && !event.buttons && point(grid.at(event.offsetX / node.clientWidth, event.offsetY / node.clientHeight)));
  node.addEventListener("pointerleave", () => point(0));
  return {
    node,
    draw: grid.draw,
    /** The unit that is pointed at or chosen, or 0. */
    picked: () => pointed || chosen(),
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
