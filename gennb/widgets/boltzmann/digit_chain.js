// @ts-check
// The Gibbs chain of a restricted Boltzmann machine, from a digit that the reader draws.

import { box, element, note, number, whole } from "../kit/elements.js";
import { random } from "../kit/maths.js";
import { inkOf, picture } from "../kit/plane.js";
import { beginnings, sketch, toPixels, toRows } from "../kit/sketch.js";
import { stage } from "../kit/stage.js";
import { filterPicture, unitField } from "../kit/units.js";
import { freeEnergy, gibbs, hiddenInputs, readMachine } from "./restricted.js";

const MOST = 20; // steps in a frame
const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];

/** The odds between the drawing and the present state in words. @param {number} gain nats by which the free energy has fallen */
function odds(gain) {
  const power = Math.round(Math.abs(gain)), raised = [...String(power)].map((digit) => RAISED[Number(digit)]).join("");
  return power === 0 ? "both are about as probable" : `the ${gain > 0 ? "present state" : "drawing"} is e${raised} times as probable`;
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const self = stage(context), { root, body, readout, get, change, toggle, slider, player, repaint, show } = self;
  const shape = get("image_shape"), width = shape[2], machine = readMachine(get("network"), get("weights"), get("bias"));
  const pixels = machine.b.length, units = machine.c.length, drawn = () => toPixels(get("drawing"), width);
  const keep = (/** @type {Uint8Array} */ v) => change({ drawing: toRows(v, width) });

  let erases = false, dice = random(1), steps = 0, flips = 0, owed = 0, known = "", before = 0;
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

  const { pad, draw, help, end } = sketch(shape, { get: drawn, set: keep, erases: () => erases, moved: repaint });
  const seen = picture(shape, "The means of the visible units."), filter = filterPicture(shape, "The filter of a hidden unit.");
  const field = unitField(self, units, { label: "The hidden unit whose filter is shown", none: "the one with the largest input" });
  const shown = () => field.picked() || 1 + hiddenInputs(machine, v).reduce((best, input, j, all) => (input > all[best] ? j : best), 0);

  const starts = beginnings(shape, get("starts"), (rows) => change({ drawing: rows }));
  const name = element("span"), plus = element("span", { class: "gnb-swatch" }), minus = element("span", { class: "gnb-swatch gnb-off" });
  body.append(
    box("gnb-chain",
      box("gnb-figure", pad, box("gnb-under-pad", note("your drawing"), toggle({ label: "eraser", get: () => erases, set: (on) => (erases = on) }).node)),
      box("gnb-figure", seen.canvas, note("visible units: their means")),
      box("gnb-figure", field.node, note(`${whole(units)} hidden units; filled: on`)),
      box("gnb-figure", filter.canvas, element("span", { class: "gnb-note" }, name, element("br"), "ink turns it ", plus, "on, ", minus, "off"))),
    starts.node,
    ...help(),
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
    field.draw(h, unit, ink, accent);
    filter.draw(machine.W.subarray((unit - 1) * pixels, unit * pixels), accent, inkOf(minus));
    name.textContent = field.picked() ? `filter of unit ${unit}` : `strongest now: unit ${unit}`;
    if (look) starts.draw(ink);
    const differ = v.filter((on, i) => on !== start[i]).length, on = h.reduce((a, b) => a + b, 0);
    readout.textContent = steps === 0
      ? `The chain has not moved yet. A step draws all hidden units, then from them all the pixels anew.\n` +
        `Free energy of the drawing: ${number(before, 1)} nats. Lower is more probable; a step may go either way.`
      : `Step ${whole(steps)}: ${differ} of ${pixels} pixels differ from the drawing; ${on} of ${whole(units)} hidden units are on, ${flips} flipped.\n` +
        `Free energy: drawing ${number(before, 1)} nats, now ${number(before - gain, 1)}: ${odds(gain)}${get("temperature") === 1 ? "" : " at temperature 1"}.`;
  });
  return () => (stop(), end());
}

export default { render };
