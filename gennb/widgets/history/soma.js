// @ts-check
// When a McCulloch–Pitts unit fires, and a drawing of it with the ends of its lines.

import { svg } from "../kit/elements.js";

/** Excitatory synapses of a line, by what it does. @type {Record<string, number>} */
const SYNAPSES = { "+2": 2, "+1": 1, "0": 0, veto: 0 };
export const NAMES = [..."abc"];
const HEIGHTS = [22, 66, 110], CENTER = [98, 66], RADIUS = 32; // pixels of the drawing

/**
 * Whether a unit fires.
 * @param {string[]} lines what each input does to it
 * @param {number} threshold
 * @param {number[]} inputs
 */
export function answer(lines, threshold, inputs) {
  const count = lines.reduce((sum, line, i) => sum + SYNAPSES[line] * inputs[i], 0);
  const vetoing = NAMES.filter((_, i) => lines[i] === "veto" && inputs[i]);
  return { count, vetoing, fires: vetoing.length === 0 && count >= threshold };
}

/** The line of an input: an arrow for each synapse that excites, a round end if it vetoes. @param {string} line @param {number} y */
function wire(line, y) {
  const [right, down] = [CENTER[0], CENTER[1] - y], far = Math.hypot(right, down), tip = far - RADIUS - 3;
  const at = (/** @type {number} */ along, aside = 0) =>
    `${((along * right - aside * down) / far).toFixed(1)} ${(y + (along * down + aside * right) / far).toFixed(1)}`;
  if (line === "0") return `M${at(0)}L${at(0.3 * tip)}`;
  if (line === "veto") return `M${at(0)}L${at(tip - 10)}A5 5 0 1 0 ${at(tip)}A5 5 0 1 0 ${at(tip - 10)}`;
  const sides = line === "+2" ? [-6, 6] : [0];
  return sides.map((s) => `M${at(0, s)}L${at(tip - 8, s)}M${at(tip, s)}L${at(tip - 9, s - 4)}L${at(tip - 9, s + 4)}Z`).join("");
}

/** The unit and its lines as a drawing. */
export function soma() {
  const [x, y] = CENTER, text = (/** @type {number} */ at) => svg("text", { x, y: at });
  const wires = NAMES.map(() => svg("path")), count = text(y - 2), state = text(y + 15);
  const node = svg("svg", { viewBox: "0 0 150 132", "aria-hidden": "true" },
    ...wires, svg("line", { x1: x + RADIUS, y1: y, x2: 150, y2: y }), svg("circle", { cx: x, cy: y, r: RADIUS }), count, state);
  return {
    node,
    /** @param {string[]} lines @param {number} threshold @param {number[]} inputs */
    draw(lines, threshold, inputs) {
      const now = answer(lines, threshold, inputs), enough = now.count >= threshold;
      wires.forEach((path, i) => {
        path.setAttribute("d", wire(lines[i], HEIGHTS[i]));
        path.dataset.does = lines[i];
        path.toggleAttribute("data-active", inputs[i] === 1);
      });
      count.textContent = `${now.count} ${enough ? "\u2265" : "<"} ${threshold}`;
      node.dataset.state = state.textContent = now.fires ? "fires" : now.vetoing.length ? "veto" : "silent";
    },
  };
}
