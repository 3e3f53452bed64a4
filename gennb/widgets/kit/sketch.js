// @ts-check
// A pad to draw on with a brush two pixels wide: by mouse, pen or finger, or by the keys alone.

import { button, onKeys } from "./controls.js";
import { draggable } from "./drag.js";
import { box, element, svg } from "./elements.js";
import { clamp } from "./maths.js";
import { picture, thumbnail } from "./plane.js";

/** The pixels of a drawing from the numbers that its rows spell. @param {number[]} rows @param {number} width */
export const toPixels = (rows, width) =>
  Uint8Array.from({ length: rows.length * width }, (_, i) => Math.floor(rows[Math.floor(i / width)] / 2 ** (width - 1 - (i % width))) % 2);

/** The numbers that the rows of a drawing spell, the leftmost pixel the leading digit. @param {Uint8Array} pixels @param {number} width */
export const toRows = (pixels, width) =>
  Array.from({ length: pixels.length / width }, (_, row) => pixels.subarray(row * width, (row + 1) * width).reduce((n, ink) => 2 * n + ink, 0));

/**
 * A mouse and a pen draw at once. A finger that goes sideways, has rested or taps takes up the brush; from then on each
 * of its strokes draws at once, until it touches something else.
 * @param {number[]} shape of the drawing: 1, height, width
 * @param {{get: () => Uint8Array, set: (pixels: Uint8Array) => void, erases: () => boolean, moved: () => void}} options
 *   its pixels, a copy; whether the brush takes ink away; what to do when the brush has moved
 */
export function sketch(shape, { get, set, erases, moved }) {
  const [, height, width] = shape, paper = picture(shape, null), brush = svg("path");
  paper.canvas.className = "gnb-images";
  const pad = element("div", {
    class: "gnb-plane gnb-sketch", style: `aspect-ratio:${width}/${height}`, tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
    "aria-label": "Your drawing. The arrow keys move the brush, with Shift they draw a line; Space paints, Delete erases.",
  }, paper.canvas, svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, brush));
  let x = width / 2 - 1, y = height / 2 - 1, away = false, taken = false;

  /** Take the brush to a place; with ink, or none, it leaves that on its way. @param {number} toX @param {number} toY @param {number} [ink] @param {boolean} [jump] */
  const go = (toX, toY, ink, jump = false) => {
    const nextX = clamp(Math.round(toX), 0, width - 2), nextY = clamp(Math.round(toY), 0, height - 2);
    const far = jump ? 0 : Math.max(Math.abs(nextX - x), Math.abs(nextY - y)), pixels = get();
    for (let k = 0; k <= far; k++) {
      const back = far && k / far, column = Math.round(nextX + back * (x - nextX)), row = Math.round(nextY + back * (y - nextY));
      for (const i of [0, 1, width, width + 1]) pixels[row * width + column + i] = ink ?? pixels[row * width + column + i];
    }
    [x, y] = [nextX, nextY];
    if (ink === undefined) moved();
    else set(pixels);
  };
  const ink = () => Number(!erases());
  draggable(pad, (a, b, first) => {
    const outside = Math.min(a, b) < 0 || Math.max(a, b) > 1;
    if (!outside) go(a * width - 1, b * height - 1, ink(), first || away);
    away = outside;
    take(true);
  }, { atOnce: (event) => taken || event.pointerType === "pen" });
  /** @param {boolean} on */
  const take = (on) => pad.toggleAttribute("data-taken", (taken = on));
  const elsewhere = (/** @type {Event} */ event) => event.composedPath().includes(pad) || take(false);
  document.addEventListener("pointerdown", elsewhere, true);

  const by = (/** @type {number} */ right, /** @type {number} */ down) => (/** @type {boolean} */ shift) => go(x + right, y + down, shift ? ink() : undefined);
  const paint = () => go(x, y, ink()), erase = () => go(x, y, 0);
  onKeys(pad, {
    ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, -1), ArrowDown: by(0, 1),
    " ": paint, Enter: paint, Delete: erase, Backspace: erase,
  });
  for (const event of ["focus", "blur"]) pad.addEventListener(event, moved);
  return {
    pad,
    /** What to do with keys, and with a finger. */
    help: () => [
      element("p", { class: "gnb-shortcuts" }, "On the pad the arrow keys move the brush, Space paints, Shift and an arrow draw, Delete erases."),
      element("p", { class: "gnb-note gnb-finger" }, "A tap takes up the brush; a touch elsewhere lays it down."),
    ],
    /** @param {Uint8Array} pixels @param {[number, number, number]} ink */
    draw(pixels, ink) {
      paper.draw(pixels, ink);
      brush.setAttribute("d", pad.matches(":focus") ? `M${x} ${y}h2v2h-2z` : "");
    },
    end: () => document.removeEventListener("pointerdown", elsewhere, true),
  };
}

/**
 * A row of small pictures to begin with, and an empty pad.
 * @param {number[]} shape of each: 1, height, width
 * @param {number[][]} starts what their rows spell
 * @param {(rows: number[], number: number) => void} begin from 1; from 0 with an empty pad
 */
export function beginnings(shape, starts, begin) {
  const [, height, width] = shape;
  const all = starts.map((rows, i) => ({ rows, ...thumbnail(shape, `Begin with picture ${i + 1}`, () => begin(rows, i + 1)) }));
  return {
    node: box("gnb-from", box("gnb-starts", ...all.map(({ node }) => node)), button("Clear", () => begin(new Array(height).fill(0), 0))),
    /** @param {[number, number, number]} ink */
    draw(ink) {
      for (const { rows, draw } of all) draw(toPixels(rows, width), ink);
    },
  };
}
