// @ts-check
// Autoencoders at several targets of sparsity: which units a picture needs, and what is lost without one of them.

import { box, element, note, number, whole } from "../kit/elements.js";
import { sigmoid } from "../kit/maths.js";
import { inkOf, picture, readBytes, thumbnail } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { filterPicture, unitField } from "../kit/units.js";
import { readPairs } from "./pairs.js";

const FAINTEST = 0.2; // how dark the cell of a unit is that is barely on, from 0 to 1

/** @typedef {ReturnType<typeof readModels>[number]} Model */

/**
 * Models whose decoder adds filters.
 * @param {[import("./pairs.js").Spec, import("./pairs.js").Spec][]} specs
 * @param {DataView} weights
 */
export function readModels(specs, weights) {
  const ends = specs.map((pair) => pair.map((spec) => spec.findLast(({ op }) => op !== "reshape")?.op === "sigmoid"));
  const linear = specs.map(([up, down]) => /** @type {typeof specs[number]} */ ([up, down.filter(({ op }) => op !== "sigmoid")]));
  return readPairs(linear, weights).map(({ encode, decode }, k) => {
    const [bounded, squashed] = ends[k];
    return {
      encode: (/** @type {ArrayLike<number>} */ x) => encode(x).slice(),
      decode: (/** @type {Float32Array} */ code) => (squashed ? decode(code).map(sigmoid) : decode(code).slice()),
      /** What a unit adds before the pixels are squashed. @param {number} unit from 0 @param {number} units */
      filter(unit, units) {
        const none = decode(new Float32Array(units)).slice();
        return decode(Float32Array.from({ length: units }, (_, j) => Number(j === unit))).map((v, i) => v - none[i]);
      },
      /** Above this, a unit is on. */
      threshold: bounded ? 0.5 : 0,
    };
  });
}

/**
 * What becomes of a picture.
 * @param {Model} model
 * @param {Float32Array} x
 * @param {number} chosen a unit, from 1; 0 for the most active one
 * @param {boolean} silent whether it is
 */
export function lookAt(model, x, chosen, silent) {
  const code = model.encode(x), heard = code.slice();
  const unit = chosen || 1 + code.reduce((best, h, j) => (h > code[best] ? j : best), 0);
  if (silent) heard[unit - 1] = 0;
  const rebuilt = model.decode(heard);
  const error = (/** @type {Float32Array} */ of) => of.reduce((sum, v, i) => sum + (v - x[i]) ** 2, 0);
  return {
    code, unit, rebuilt,
    on: code.filter((h) => h > model.threshold).length,
    activation: code[unit - 1],
    error: error(rebuilt),
    errorBefore: error(model.decode(code)),
  };
}

/** A share for the eye. @param {number} share */
const percent = (share) => `${Number((100 * share).toPrecision(3))} %`;

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const self = stage(context), { root, body, readout, get, change, slider, toggle, show } = self;
  /** @type {{image_shape: number[], targets: number[]}} */
  const { image_shape: shape, targets } = self.values("image_shape", "targets");
  const models = readModels(get("networks"), get("weights")), pixels = shape[1] * shape[2], bytes = readBytes(get("pictures"));
  const pictures = Array.from({ length: bytes.length / pixels }, (_, i) => Float32Array.from(bytes.subarray(i * pixels, (i + 1) * pixels), (v) => v / 255));
  const units = models[0].encode(pictures[0]).length;
  // The darkest cell is the most active unit of a model, over all pictures.
  const most = models.map(({ encode }) => Math.max(1e-9, ...pictures.map((x) => encode(x).reduce((a, b) => Math.max(a, b)))));

  const dial = slider({ label: "units on", trait: "model", min: 0, max: targets.length - 1, step: 1, text: (k) => percent(targets[k]) });
  const given = picture(shape, "the picture"), seen = picture(shape, "its reconstruction"), filter = filterPicture(shape, "The filter of a unit.");
  const field = unitField(self, units, { label: "The unit whose filter is shown", none: "the most active one" });
  const thumbnails = pictures.map((_, i) => thumbnail(shape, `Picture ${i + 1}`, () => change({ picture: i })));
  const name = element("span"), plus = element("span", { class: "gnb-swatch" }), minus = element("span", { class: "gnb-swatch gnb-off" });
  body.append(
    box("gnb-dial", dial.node, toggle({ label: "silence the unit", trait: "silent" }).node),
    box("gnb-chain",
      box("gnb-figure", given.canvas, note("the picture")),
      box("gnb-figure", seen.canvas, note("its reconstruction")),
      box("gnb-figure", field.node, note(`${whole(units)} units; ink: activation`)),
      box("gnb-figure", filter.canvas, element("span", { class: "gnb-note" }, name, element("br"), plus, "adds ink, ", minus, "takes it"))),
    box("gnb-from", box("gnb-starts", ...thumbnails.map(({ node }) => node))),
  );
  return show((look) => {
    const k = get("model"), model = models[k], x = pictures[get("picture")], ink = inkOf(root), accent = inkOf(plus);
    const silent = get("silent"), { code, unit, rebuilt, on, activation, error, errorBefore } = lookAt(model, x, field.picked(), silent);
    given.draw(x, ink);
    seen.draw(rebuilt, ink);
    field.draw(code.map((h) => (h > model.threshold ? FAINTEST + (1 - FAINTEST) * Math.min(1, h / most[k]) : 0)), unit, ink, accent, silent);
    filter.draw(model.filter(unit - 1, units), accent, inkOf(minus));
    name.textContent = field.picked() ? `filter of unit ${unit}` : `most active: unit ${unit}`;
    thumbnails.forEach(({ node, draw }, i) => {
      node.setAttribute("aria-pressed", String(i === get("picture")));
      if (look) draw(pictures[i], ink);
    });
    readout.textContent = `${on} of ${units} units are on (${percent(on / units)}); target: ${percent(targets[k])}.\n` +
      `Unit ${unit}: activation ${number(activation)}${silent ? ", silenced" : ""}.\n` +
      (silent ? `Squared error ${number(error)}; ${number(errorBefore)} before it was silenced.` : `Squared error ${number(error)}, summed over ${whole(pixels)} pixels.`);
  });
}

export default { render };
