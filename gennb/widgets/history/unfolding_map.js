// @ts-check
// A sheet of units that unfolds over a density: the reader draws the density, and sees how the sheet is pulled along.

import { button } from "../kit/controls.js";
import { box, key, number, svg, whole } from "../kit/elements.js";
import { inkOf } from "../kit/plane.js";
import { sketch, toPixels, toRows } from "../kit/sketch.js";
import { stage } from "../kit/stage.js";
import { crossings, errors, EXAMPLES, lines, middles, scattered, training } from "./som.js";

/** @typedef {import("./som.js").Place} Place */

const MOST = 200; // examples in a frame
const SLOW = 20; // examples a second, up to which each is shown

/** Examples a second, in round numbers. @param {number} power of ten */
const rate = (power) => Math.round(Number((10 ** power).toPrecision(2)));

/** @param {Place} place */
const at = ([x, y]) => `${x.toFixed(4)} ${y.toFixed(4)}`;

/** @param {Place} place @param {number} r */
const ring = ([x, y], r) => `M${at([x - r, y])}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

/** @param {[Place, Place][]} pairs */
const strokes = (pairs) => pairs.map(([from, to]) => `M${at(from)}L${at(to)}`).join("");

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, slider, choice, toggle, player, repaint, show } = stage(context);
  const { presets, sheets, side } = get("limits"), [, seeds] = get("linked").seed, names = Object.keys(presets);
  const drawn = () => toPixels(get("drawing"), side), same = JSON.stringify;

  const begin = () => {
    const seed = Math.round(get("seed")), [rows, columns] = sheets[get("sheet")];
    return training(scattered(rows, columns, seed), middles(drawn(), side), side, get("radius"), seed);
  };
  let known = "", owed = 0, map = begin();
  const run = player("Play", (ms) => {
    if (pad.matches(":active")) return; // it waits for the reader's hand
    owed = Math.min(MOST, owed + (ms * get("speed")) / 1000);
    for (; owed >= 1; owed--) map.step();
    if (map.over()) run.stop();
  }, {
    step: ["Next example", () => map.step()],
    begin: () => ((owed = 1), map.over() && (map = begin())),
    reset: () => (known = ""),
  });

  let erases = false;
  const { pad, draw, help, end } = sketch([1, side, side], {
    get: drawn, set: (pixels) => change({ drawing: toRows(pixels, side) }), erases: () => erases, moved: repaint,
  });
  const looks = ["net", "units", "moved", "winner", "example"];
  const paths = Object.fromEntries(looks.map((look) => [look, svg("path", { class: `gnb-som-${look}` })]));
  pad.classList.add("gnb-som", "gnb-main");
  pad.setAttribute("aria-label", "The density. The arrow keys move the brush, with Shift they draw a line; Space paints, Delete erases.");
  pad.append(svg("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, ...Object.values(paths)));
  const sizes = Object.entries(sheets).map(([name, [rows, columns]]) => [name, rows === 1 ? `chain of ${columns}` : `${rows} × ${columns}`]);
  body.append(
    box("gnb-columns", pad, box("gnb-side",
      box("gnb-keys", key("som-example", "last example"), key("som-winner", "its winner"), key("hue-model", "how far each moved")),
      choice({
        label: "density", trait: "drawing", options: names.map((name) => [name, name]),
        get: () => names.find((name) => same(presets[name]) === same(get("drawing"))) ?? "", set: (name) => change({ drawing: presets[name] }),
      }).node,
      box("gnb-som-tools", toggle({ label: "eraser", get: () => erases, set: (on) => (erases = on) }).node, button("Clear", () => change({ drawing: new Array(side).fill(0) })), ...help()),
      choice({ label: "units", trait: "sheet", options: /** @type {[string, string][]} */ (sizes) }).node)),
    run.row([run.once("Other start", () => change({ seed: (Math.round(get("seed")) % seeds) + 1 }))], box("gnb-sliders",
      slider({ label: "first radius", trait: "radius", step: 0.25, later: true }).node,
      slider({
        label: "examples a second", trait: "speed", min: 0, max: 3, step: 0.1, later: true,
        get: () => Math.log10(get("speed")), set: (v) => change({ speed: rate(v) }), text: (v) => whole(rate(v)),
      }).node)),
  );
  const stop = show(() => {
    const now = same(["drawing", "sheet", "radius", "seed"].map(get)), pixel = 1 / (pad.clientWidth || 300);
    if (now !== known) [known, map] = [now, begin()];
    const { w, last } = map, shown = last && (!run.playing || get("speed") <= SLOW) ? last : null;
    draw(drawn(), inkOf(root));
    const [x, y] = shown?.x ?? [0, 0], arm = 5 * pixel;
    const looked = {
      net: strokes(lines(map).map(([i, j]) => [w[i], w[j]])),
      units: w.map((place) => `M${at(place)}h0`).join(""),
      moved: shown ? strokes(w.map((place, k) => [shown.before[k], place])) : "",
      winner: shown ? ring(w[shown.winner], 8 * pixel) : "",
      example: shown ? strokes([[[x - arm, y - arm], [x + arm, y + arm]], [[x - arm, y + arm], [x + arm, y - arm]]]) : "",
    };
    for (const [look, d] of Object.entries(looked)) paths[look].setAttribute("d", d);
    readout.textContent = say(map);
  });
  return () => (stop(), end());
}

/** @param {ReturnType<typeof training>} map */
function say(map) {
  if (!map.cells.length) return "There is nothing to learn from: draw where examples come from.";
  const { radius, lr } = map.cooled(), { quantization, topographic } = errors(map, map.cells), crossed = crossings(map);
  return `${whole(map.seen)} of ${whole(EXAMPLES)} examples: radius ${number(radius)}, learning rate ${number(lr, 3)}.\n` +
    `Quantization error ${number(quantization, 3)}: the mean distance to the nearest unit. ` +
    `Topographic error ${number(100 * topographic, 1)} %: the two nearest are no neighbors.\n` +
    (crossed ? `${whole(crossed)} pair${crossed > 1 ? "s of lines cross" : " of lines crosses"}: the net is folded.` : "No two lines cross: the net lies flat.");
}

export default { render };
