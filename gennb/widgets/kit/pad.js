// @ts-check
// A square of the plane in which the reader moves a point, and the classes of its dots.

import { button, onKeys } from "./controls.js";
import { draggable } from "./drag.js";
import { element, palette } from "./elements.js";

/**
 * Let a hand and the arrow keys move the point, with Shift faster; Home takes it to the middle. Tells if a hand holds it.
 * @param {HTMLElement} pad
 * @param {number} extent it reaches from -extent to extent on both axes
 * @param {{get: () => number[], set: (point: number[]) => void, small: number, big: number}} options steps of the keys
 */
export function walk(pad, extent, { get, set, small, big }) {
  const held = draggable(pad, (x, y) => set([(2 * x - 1) * extent, (1 - 2 * y) * extent]));
  /** @param {number} right @param {number} up */
  const by = (right, up) => (/** @type {boolean} */ shift) => {
    const step = shift ? big : small, [x, y] = get();
    set([x + step * right, y + step * up]);
  };
  onKeys(pad, {
    ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, 1), ArrowDown: by(0, -1), Home: () => set([0, 0]),
  });
  return held;
}

/**
 * A legend whose names bring out a class each, or let it go.
 * @param {string[]} classes
 * @param {() => void} changed
 */
export function legend(classes, changed) {
  let /** @type {number | null} */ only = null;
  const bring = (/** @type {number | null} */ i) => {
    only = i;
    chips.forEach((chip, j) => chip.setAttribute("aria-pressed", String(j === only)));
    changed();
  };
  const chips = classes.map((name, i) => {
    const chip = button(name, () => bring(only === i ? null : i));
    chip.className = "gnb-chip";
    chip.style.setProperty("--swatch", palette[i % palette.length]);
    chip.setAttribute("aria-pressed", "false");
    return chip;
  });
  return {
    node: element("div", { class: "gnb-legend", role: "group", "aria-label": "Bring out one class" }, ...chips),
    only: () => only,
    reset: () => bring(null),
  };
}
