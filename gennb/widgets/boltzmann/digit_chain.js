// @ts-check
// The Gibbs chain of a restricted Boltzmann machine, from a digit that the reader draws.

import { button, knob } from "../kit/controls.js";
import { draggable } from "../kit/drag.js";
import { box, element, note, number, whole } from "../kit/elements.js";
import { clamp, random } from "../kit/maths.js";
import { inkOf, picture } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { cells, filterPicture } from "./filters.js";
import { freeEnergy, gibbs, hiddenInputs, readMachine } from "./restricted.js";
import { sketch, toPixels, toRows } from "./sketch.js";

const MOST = 20; // steps in a frame
const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];

/** The odds between the drawing and the present state in words. @param {number} gain nats by which the free energy has fallen */
function odds(gain) {
  const power = Math.round(Math.abs(gain)), raised = [...String(power)].map((digit) => RAISED[Number(digit)]).join("");
  return power === 0 ? "both are about as probable" : `the ${gain > 0 ? "present state" : "drawing"} is e${raised} times as probable`;
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, control, toggle, slider, player, repaint, show } = stage(context);
  const shape = get("image_shape"), width = shape[2], machine = readMachine(get("network"), get("weights"), get("bias"));
  const pixels = machine.b.length, units = machine.c.length, drawn = () => toPixels(get("drawing"), width);
  const keep = (/** @type {Uint8Array} */ v) => change({ drawing: toRows(v, width) });

  let erases = false, pointed = 0, dice = random(1), steps = 0, flips = 0, owed = 0, known = "", before = 0;
  let v = drawn(), h = new Uint8Array(units), means = Float64Array.from(v);
  const begin = () => {
    [dice, steps, flips, owed, v, h] = [random(1), 0, 0, 0, drawn(), new Uint8Array(units)];
    [means, before] = [Float64Array.from(v), freeEnergy(machine, v)];
  };
  const once = () => {
    const last = h;
    ({ h, means, v } = gibbs(machine, v, get("temperature"), dice.uniform));
    flips = h.filter((on, j) => on !== last[j]).length;
    steps++;
  };
  const run = player("Play", (ms) => {
    owed = Math.min(MOST, owed + (ms * get("speed")) / 1000);
    for (; owed >= 1; owed--) once();
  }, { step: ["One step", once], reset: () => (known = "") });

  const { pad, draw, end } = sketch(shape, { get: drawn, set: keep, erases: () => erases, moved: repaint });
  pad.classList.add("gnb-sketch");
  const seen = picture(shape, "The means of the visible units."), filter = filterPicture(shape, "The filter of a hidden unit.");
  const grid = cells(units), chosen = () => Math.round(get("unit")), choose = (/** @type {number} */ unit) => change({ unit: clamp(unit, 0, units) });
  const shown = () => pointed || chosen() || 1 + hiddenInputs(machine, v).reduce((best, input, j, all) => (input > all[best] ? j : best), 0);
  const by = (/** @type {number} */ step) => () => choose(chosen() + step);
  const field = control(knob({
    class: "gnb-plane gnb-units", label: "The hidden unit whose filter is shown", min: 0, max: units, small: 1, big: 10, get: chosen, set: choose,
    text: () => (chosen() ? `unit ${chosen()}` : "the one with the largest input"), keys: { ArrowUp: by(-grid.columns), ArrowDown: by(grid.columns) },
  })).node;
  field.append(grid.canvas);
  let held = 0;
  draggable(field, (x, y, first) => {
    const unit = grid.at(x, y);
    if (first || unit !== held) choose(first && unit === chosen() ? 0 : unit);
    [held, pointed] = [unit, 0];
  });
  const point = (/** @type {number} */ unit) => ((pointed = unit), repaint());
  field.addEventListener("pointermove", (event) => event.pointerType === "mouse" && !event.buttons && point(grid.at(event.offsetX / field.clientWidth, event.offsetY / field.clientHeight)));
  field.addEventListener("pointerleave", () => point(0));

  const starts = get("starts").map((/** @type {number[]} */ rows, /** @type {number} */ i) => {
    const small = picture(shape, null), node = button("", () => change({ drawing: rows }));
    node.classList.add("gnb-start");
    node.setAttribute("aria-label", `Begin with picture ${i + 1}`);
    node.append(small.canvas);
    return { node, draw: (/** @type {[number, number, number]} */ ink) => small.draw(toPixels(rows, width), ink) };
  });
  const name = element("span"), plus = element("span", { class: "gnb-swatch" }), minus = element("span", { class: "gnb-swatch gnb-off" });
  body.append(
    box("gnb-chain",
      box("gnb-figure", pad, box("gnb-under-pad", note("your drawing"), toggle({ label: "eraser", get: () => erases, set: (on) => (erases = on) }).node)),
      box("gnb-figure", seen.canvas, note("visible units: their means")),
      box("gnb-figure", field, note(`${whole(units)} hidden units; filled: on`)),
      box("gnb-figure", filter.canvas, element("span", { class: "gnb-note" }, name, element("br"), "ink turns it ", plus, "on, ", minus, "off"))),
    box("gnb-from", box("gnb-starts", ...starts.map((/** @type {any} */ each) => each.node)),
      button("Clear", () => keep(new Uint8Array(pixels)))),
    element("p", { class: "gnb-shortcuts" }, "On the pad the arrow keys move the brush, Space paints, Shift and an arrow draw, Delete erases."),
    element("p", { class: "gnb-note gnb-finger" }, "A tap takes up the brush; a touch elsewhere lays it down."),
    run.row([], box("gnb-sliders",
      slider({ label: "temperature", trait: "temperature", step: 0.1, later: true, text: (t) => number(t, 1) }).node,
      slider({ label: "steps a second", trait: "speed", step: 1, later: true, text: whole }).node)),
  );
  const stop = show((look) => {
    const now = JSON.stringify(get("drawing")), ink = inkOf(root), accent = inkOf(plus);
    if (known !== now) begin();
    known = now;
    const start = drawn(), unit = shown(), gain = before - freeEnergy(machine, v);
    draw(start, ink);
    seen.draw(means, ink);
    grid.draw(h, unit, ink, accent);
    filter.draw(machine.W.subarray((unit - 1) * pixels, unit * pixels), accent, inkOf(minus));
    name.textContent = chosen() || pointed ? `filter of unit ${unit}` : `strongest now: unit ${unit}`;
    if (look) for (const each of starts) each.draw(ink);
    const differ = v.filter((on, i) => on !== start[i]).length, on = h.reduce((a, b) => a + b, 0);
    readout.textContent = steps === 0
      ? `The chain has not moved yet.\nFree energy of the drawing: ${number(before, 1)} nats.`
      : `Step ${whole(steps)}: ${differ} of ${pixels} pixels differ from the drawing; ${on} of ${whole(units)} hidden units are on, ${flips} flipped.\n` +
        `Free energy: drawing ${number(before, 1)} nats, now ${number(before - gain, 1)}: ${odds(gain)}${get("temperature") === 1 ? "" : " at temperature 1"}.`;
  });
  return () => (stop(), end());
}

export default { render };
