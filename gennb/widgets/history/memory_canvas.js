// @ts-check
// Hopfield's network on a grid of units: a state to draw on, the energy that falls, and what the state is like.

import { button } from "../kit/controls.js";
import { box, element, note, number, whole } from "../kit/elements.js";
import { axis, graph } from "../kit/graph.js";
import { inkOf, thumbnail } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { flipPad } from "./flip_pad.js";
import { flipped, fromSigns, hopfield, nearest, recall, toSigns } from "./hopfield.js";

const PACE = 0.6; // sweeps a second
const STEPS = 1.5; // a second, where all units move at once
const ORDERS = 10000; // seeds from here on are those of orders
const MOST = 400; // turns in a frame

/** @typedef {ReturnType<typeof recall>} Run */

/**
 * What a run has come to.
 * @param {Run} run @param {string[]} names
 */
export function verdict(run, names) {
  const restless = run.restless().length, { best, overlap, exact } = nearest(run.overlaps());
  if (run.swings) return "It never settles: two states come back by turns.";
  if (restless) return `Not settled: ${restless} of ${run.s.length} units would flip.`;
  if (!exact) return "Settled in a spurious state: neither a stored pattern nor the negative of one.";
  return `Settled in ${overlap > 0 ? "" : "the negative of "}${names[best]}, a stored pattern.`;
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, slider, toggle, player, repaint, show } = stage(context);
  const shape = get("shape"), width = shape[2], names = /** @type {string[]} */ (get("names")), [, seeds] = get("linked").seed;
  const patterns = /** @type {Int8Array[]} */ (get("patterns").map((/** @type {number[]} */ rows) => toSigns(rows, width)));
  const stored = () => patterns.slice(0, Math.round(get("stored"))), cue = () => toSigns(get("cue"), width);
  const keep = (/** @type {Int8Array} */ s, /** @type {Record<string, number>} */ also = {}) => change({ cue: fromSigns(s, width), ...also });

  let known = "", owed = 0, run = recall(stored(), cue(), get("together"), ORDERS);
  const begin = () => {
    [run, owed] = [recall(stored(), cue(), get("together"), ORDERS + Math.round(get("seed"))), 0];
  };
  const rewind = () => (known = "");
  const play = player("Recall", (ms) => {
    if (pad.held()) return; // it waits for the reader's hand
    owed = Math.min(MOST, owed + (ms / 1000) * (get("together") ? STEPS : PACE * run.s.length));
    for (; owed >= 1 && !run.over(); owed--) run.step();
    if (run.over()) play.stop();
  }, { step: ["One step", () => run.toFlip()], begin: () => run.over() && begin(), reset: rewind });

  const pad = flipPad(shape, { get: () => run.s.slice(), set: (s) => keep(s, run.flips ? { noise: 0 } : {}), moved: repaint });
  /** Take the noise off the cue, and put other noise on. @param {number} share @param {number} seed */
  const renew = (share, seed) => keep(flipped(flipped(cue(), get("noise"), get("seed")), share, seed), { noise: share, seed });

  const label = "The energy of the state over the sweeps of the recall, with the energies of the stored patterns beside it.";
  const plot = graph({ x: [0, 1], y: [-1, 0], lines: ["own"], label, look: "gnb-low gnb-falls" }), marks = names.map((name) => {
    const mark = plot.add("gnb-depth");
    mark.textContent = name;
    return mark;
  });
  const time = element("div"), columns = patterns.map((xi, i) => {
    const { node, draw } = thumbnail(shape, `Begin with ${names[i]}`, () => keep(flipped(xi, get("noise"), get("seed"))));
    const bar = box("gnb-overlap"), column = box("gnb-like", box("gnb-overlaps", bar), node);
    return { bar, column, draw };
  });
  const here = plot.add("gnb-dot gnb-here");
  plot.node.append(time);
  body.append(
    box("gnb-recall",
      pad.node,
      box("gnb-figure", note("energy; beside it that of each pattern"), plot.node),
      box("gnb-figure", note("overlap with each stored pattern, −1 to 1"), box("gnb-likes", ...columns.map(({ column }) => column)))),
    ...pad.help(),
    box("gnb-sliders",
      slider({ label: "noise", trait: "noise", step: 0.05, set: (v) => renew(v, get("seed")), text: (v) => `${Math.round(100 * v)} %` }).node,
      slider({ label: "stored", trait: "stored", step: 1, text: (v) => `${v} of ${patterns.length}` }).node),
    play.row([play.once("Rewind", rewind)],
      button("Other noise", () => renew(get("noise"), (Math.round(get("seed")) % seeds) + 1)),
      toggle({ label: "all units at once", trait: "together" }).node),
  );
  const stop = show((look) => {
    const now = JSON.stringify(["cue", "stored", "together", "seed"].map(get)), ink = inkOf(root);
    if (known !== now) begin();
    known = now;
    pad.draw(run.s, run.last, ink);
    if (look) columns.forEach(({ draw }, i) => draw(patterns[i], ink));

    const held = stored(), depths = held.map((xi) => hopfield(held, xi).energy()), energies = run.trail.map(([, e]) => e);
    const lowest = Math.min(...depths, ...energies), highest = Math.max(0, ...energies), room = 0.08 * (highest - lowest);
    const span = Math.max(2, Math.ceil(run.sweeps)), ends = [lowest - 2.5 * room, highest + room];
    plot.levels([[0, "0"], [lowest, number(lowest, 0)]], ends);
    plot.line("own", [...run.trail.map(([t]) => t / span), run.sweeps / span], [...energies, run.energy()]);
    plot.put(here, run.sweeps / span, run.energy());
    time.replaceChildren(axis([[0, "0"], [span, `${span} sweeps`]], (t) => t / span));
    const crowd = /** @type {number[][]} */ ([]);
    marks.forEach((mark, i) => {
      mark.hidden = i >= held.length;
      if (mark.hidden) return;
      const lane = [...crowd.keys(), crowd.length].find((k) => !crowd[k]?.some((e) => Math.abs(e - depths[i]) < 0.12 * (ends[1] - ends[0]))) ?? 0;
      (crowd[lane] ??= []).push(depths[i]);
      plot.put(mark, 1, depths[i]);
      mark.style.setProperty("--lane", String(lane));
    });

    const overlaps = run.overlaps(), { best, overlap } = nearest(overlaps);
    columns.forEach(({ bar, column }, i) => {
      const m = overlaps[i] ?? 0;
      column.classList.toggle("gnb-unheld", i >= held.length);
      column.classList.toggle("gnb-nearest", i === best);
      bar.style.cssText = `top:${50 - 50 * Math.max(0, m)}%;height:${50 * Math.abs(m)}%`;
    });
    const past = run.sweeps ? `After ${number(run.sweeps)} sweeps and ${whole(run.flips)} flip${run.flips === 1 ? "" : "s"}` : "Before the first flip";
    readout.textContent = `${past}: energy ${number(run.energy(), 1)}; the strongest overlap is ${number(overlap)}, with ${names[best]}.\n${verdict(run, names)}`;
  });
  return () => (stop(), pad.end());
}

export default { render };
