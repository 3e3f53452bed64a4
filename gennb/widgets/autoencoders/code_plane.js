// @ts-check
// The plane of an autoencoder's codes: what is decoded at a point, and where the code of that picture lies.

import { button } from "../kit/controls.js";
import { box, element, note, number, svg, whole } from "../kit/elements.js";
import { clamp } from "../kit/maths.js";
import { legend, walk } from "../kit/pad.js";
import { arrows, inkOf, mosaic, picture, readBytes, readPoints, scatter, square } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { readPairs } from "./pairs.js";

const COLUMNS = 15; // of decoded images
const MANY = 20; // round trips

/**
 * The number of the point that is nearest to another, and how far it is.
 * @param {number[]} from
 * @param {Float32Array} points x, y, x, y, …
 */
export function nearest([x, y], points) {
  let best = 0, least = Infinity;
  for (let i = 0; i < points.length / 2; i++) {
    const square = (points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2;
    if (square < least) [best, least] = [i, square];
  }
  return { index: best, distance: Math.sqrt(least) };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, toggle, resets, show } = stage(context);
  const shape = get("image_shape"), extent = get("extent"), [{ encode, decode }] = readPairs(get("networks"), get("weights"));
  /** @type {[string[], number[]]} */
  const [classes, center] = [get("classes"), get("center")];
  const digits = clamp(2 - Math.floor(Math.log10(extent / 2)), 0, 20);
  // On the plane, a code is where it lies from the middle.
  const codes = readPoints(get("codes")).map((v) => v * extent), labels = readBytes(get("labels"));
  const place = (/** @type {number[]} */ y) => y.map((v, i) => v - center[i]);
  let decodes = false, /** @type {number[][]} */ trail = [];

  const images = mosaic(shape, COLUMNS, extent), points = scatter(extent);
  const handle = element("span", { class: "gnb-dot gnb-handle", "aria-hidden": "true" });
  const hole = svg("circle", { class: "gnb-dashed" });
  const [path, halo, line] = ["gnb-trail", "gnb-halo", "gnb-trip"].map((look) => svg("path", { class: look }));
  const pad = square(extent, [hole, path, halo, line], {
    class: "gnb-pad", tabindex: 0, role: "application", "aria-roledescription": "pad",
    "aria-label": "Plane of codes. The arrow keys move the point, with Shift faster; Home goes to the middle.",
  }, images.canvas, points.canvas, handle);
  const inside = (/** @type {number[]} */ y) => y.map((v, i) => clamp(Number(v.toFixed(digits + 2)), center[i] - extent, center[i] + extent));
  const trip = (/** @type {number[]} */ y) => Array.from(encode(decode(y)));
  const go = (/** @type {number} */ rounds) => {
    let y = get("y");
    for (; rounds > 0; rounds--) {
      trail.push(y);
      y = inside(trip(y));
    }
    change({ y });
  };
  walk(pad, extent, {
    get: () => place(get("y")), small: extent / 30, big: extent / 6,
    set: (at) => ((trail = []), change({ y: inside(at.map((v, i) => v + center[i])) })),
  });

  const drawImages = () => {
    images.canvas.hidden = !decodes;
    if (decodes) images.draw((at) => decode(at.map((v, i) => v + center[i])), inkOf(root));
  };
  const names = legend(classes, () => points.draw(codes, labels, names.only()));
  resets.push(names.reset, () => (trail = []));
  const here = picture(shape, "decoded at the point"), there = picture(shape, "decoded where the round trip lands");
  body.classList.add("gnb-columns");
  body.append(
    box("gnb-main", pad, names.node, note(`${whole(labels.length)} codes of training images, none in the dashed circle`)),
    box("gnb-side",
      box("gnb-here-and-there",
        box("gnb-figure", here.canvas, note("decoded at y")),
        box("gnb-figure", there.canvas, note("at the landing")),
        box("gnb-controls",
          button("Go round", () => go(1)),
          button(`${MANY} times`, () => go(MANY)),
          toggle({ label: "decoded images", get: () => decodes, set: (on) => ((decodes = on), drawImages()) }).node))),
  );
  return show((look) => {
    const y = get("y"), ink = inkOf(root), at = place(y), [x, up] = at, { index, distance } = nearest(at, codes);
    if (look) {
      drawImages();
      points.draw(codes, labels, names.only());
    }
    const landing = trip(y);
    here.draw(decode(y), ink);
    there.draw(decode(landing), ink);
    const down = (/** @type {number[]} */ [a, b]) => [a, -b], end = place(landing), length = Math.hypot(end[0] - x, end[1] - up);
    handle.style.cssText = `left:${50 + (50 * x) / extent}%;top:${50 - (50 * up) / extent}%`;
    for (const [name, value] of Object.entries({ cx: x, cy: -up, r: distance })) hole.setAttribute(name, String(value));
    for (const each of [halo, line]) each.setAttribute("d", arrows([[at, end]], extent / 16));
    path.setAttribute("d", trail.length ? `M${[...trail.map(place), at].map((each) => down(each).join(" ")).join("L")}` : "");
    const pair = (/** @type {number[]} */ code) => `(${code.map((v) => number(v, digits)).join(", ")})`;
    const outside = Math.max(...end.map(Math.abs)) > extent;
    readout.textContent = `y = ${pair(y)}${trail.length ? `, after ${trail.length} round trip${trail.length > 1 ? "s" : ""}` : ""}\n` +
      `Nearest code: ${number(distance, digits + 1)} away, class ${classes[labels[index]]}; usual gap ${number(get("gap"), digits + 1)}\n` +
      `Round trip: ${number(length, digits + 1)} long, to ${pair(landing)}${outside ? ", off the plane" : ""}`;
  });
}

export default { render };
