// @ts-check
// A grid of units that a hand or the keys flip.

import { onKeys } from "../kit/controls.js";
import { draggable } from "../kit/drag.js";
import { element, svg } from "../kit/elements.js";
import { clamp } from "../kit/maths.js";
import { picture } from "../kit/plane.js";

/**
 * A stroke gives all its units the sign that flips its first one. A mouse and a pen draw at once; a finger that goes
 * sideways, has rested or taps takes up the brush, and then draws at once until it touches something else.
 * @param {number[]} shape 1, height, width
 * @param {{get: () => Int8Array, set: (s: Int8Array) => void, moved: () => void}} options the state, a copy; what to do
 *   with a new one, and when the frame has moved
 */
export function flipPad(shape, { get, set, moved }) {
  const [, height, width] = shape, paper = picture(shape, null), frame = svg("path"), spot = svg("path");
  const across = Array.from({ length: width - 1 }, (_, i) => `M${i + 1} 0v${height}`), down = Array.from({ length: height - 1 }, (_, i) => `M0 ${i + 1}h${width}`);
  paper.canvas.className = "gnb-images";
  const node = element("div", {
    class: "gnb-plane gnb-sketch", style: `aspect-ratio:${width}/${height}`, tabindex: 0, role: "application", "aria-roledescription": "grid of units",
    "aria-label": "The units. The arrow keys move a frame, with Shift they flip where it goes; Space or Enter flips the unit in it.",
  }, paper.canvas, svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, svg("path", { d: [...across, ...down].join("") }), spot, frame));
  let x = width >> 1, y = height >> 1, sign = 1, away = false, taken = false;

  /** Draw from where the frame is. @param {number} toX @param {number} toY */
  const draw = (toX, toY) => {
    const s = get(), far = Math.max(Math.abs(toX - x), Math.abs(toY - y));
    for (let k = 0; k <= far; k++) {
      const back = far && k / far;
      s[width * Math.round(toY + back * (y - toY)) + Math.round(toX + back * (x - toX))] = sign;
    }
    [x, y] = [toX, toY];
    set(s);
  };
  const flip = () => {
    sign = -get()[width * y + x];
    draw(x, y);
  };
  const take = (/** @type {boolean} */ on) => node.toggleAttribute("data-taken", (taken = on));
  const held = draggable(node, (a, b, first) => {
    const outside = Math.min(a, b) < 0 || Math.max(a, b) >= 1, to = [Math.floor(a * width), Math.floor(b * height)];
    if (!outside) {
      if (first || away) [x, y] = to;
      first ? flip() : draw(to[0], to[1]);
    }
    away = outside;
    take(true);
  }, { atOnce: (event) => taken || event.pointerType === "pen" });
  const elsewhere = (/** @type {Event} */ event) => event.composedPath().includes(node) || take(false);
  document.addEventListener("pointerdown", elsewhere, true);

  const by = (/** @type {number} */ right, /** @type {number} */ low) => (/** @type {boolean} */ shift) => {
    [x, y] = [clamp(x + right, 0, width - 1), clamp(y + low, 0, height - 1)];
    shift ? flip() : moved();
  };
  onKeys(node, { ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, -1), ArrowDown: by(0, 1), " ": flip, Enter: flip });
  for (const event of ["focus", "blur"]) node.addEventListener(event, moved);
  return {
    node,
    held,
    /** What to do with keys, and with a finger. */
    help: () => [
      element("p", { class: "gnb-shortcuts" }, "On the units the arrow keys move a frame, Space or Enter flips what is in it, Shift and an arrow flip on the way."),
      element("p", { class: "gnb-note gnb-finger" }, "A tap takes up the brush; a touch elsewhere lays it down."),
    ],
    /** Less than nothing leaves no ink. @param {Int8Array} s @param {number} last the unit that flipped last, or -1 @param {[number, number, number]} ink */
    draw(s, last, ink) {
      const box = (/** @type {number} */ column, /** @type {number} */ row) => `M${column} ${row}h1v1h-1z`;
      paper.draw(s, ink);
      spot.setAttribute("d", last < 0 ? "" : box(last % width, Math.floor(last / width)));
      frame.setAttribute("d", node.matches(":focus") ? box(x, y) : "");
    },
    end: () => document.removeEventListener("pointerdown", elsewhere, true),
  };
}
