// @ts-check
// A pad over a two-dimensional latent space: move the point, see the image that the decoder draws there.

import { button } from "../kit/controls.js";
import { box, element, note, number, svg } from "../kit/elements.js";
import { clamp, logNormal, steps } from "../kit/maths.js";
import { unpackNetwork } from "../kit/network.js";
import { legend, walk } from "../kit/pad.js";
import { inkOf, latentPlane, mosaic, picture, readBytes, readPoints, scatter } from "../kit/plane.js";
import { stage } from "../kit/stage.js";

const NEIGHBORS = 15;
const ON_THE_WAY = steps(0, 1, 8);

/**
 * The class most common among the nearest codes.
 * @param {number[]} z
 * @param {Float32Array} codes
 * @param {Uint8Array} labels
 */
function vote(z, codes, labels) {
  const order = Array.from(labels, (label, i) => ({
    label, distance: (codes[2 * i] - z[0]) ** 2 + (codes[2 * i + 1] - z[1]) ** 2,
  })).sort((a, b) => a.distance - b.distance).slice(0, NEIGHBORS);
  /** @type {Map<number, number>} */
  const tally = new Map();
  for (const { label } of order) tally.set(label, (tally.get(label) ?? 0) + 1);
  const [winner, votes] = [...tally].reduce((a, b) => (b[1] > a[1] ? b : a));
  return { winner, votes, of: order.length };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, toggle, resets, show } = stage(context);
  const extent = get("extent"), shape = get("image_shape"), { run } = unpackNetwork(get("network"), get("weights"));
  /** @type {string[]} */
  const classes = get("classes");
  const codes = readPoints(get("codes")), labels = readBytes(get("labels"));
  let decodes = true, encodes = false;

  const images = mosaic(shape, get("columns"), extent), points = scatter(extent);
  const pad = latentPlane(extent, {
    class: "gnb-pad", tabindex: 0, role: "application", "aria-roledescription": "pad",
    "aria-label": "Latent space. The arrow keys move the point, with Shift faster; Home goes to the origin.",
  }, images.canvas, points.canvas);
  const line = svg("line", { class: "gnb-line" });
  pad.querySelector("svg")?.append(line);
  const pin = element("span", { class: "gnb-dot gnb-pin", "aria-hidden": "true" });
  const handle = element("span", { class: "gnb-dot gnb-handle", "aria-hidden": "true" });
  pad.append(pin, handle);
  const decoded = picture(shape, "the decoded image"), strip = ON_THE_WAY.map(() => picture(shape, null));

  const move = (/** @type {number[]} */ z) => change({ z: z.map((v) => clamp(Math.round(v * 1000) / 1000, -extent, extent)) });
  walk(pad, extent, { get: () => get("z"), set: move, small: 0.1, big: 0.5 });

  const contours = note("dashed: one and two standard deviations of the prior");
  const drawPoints = () => {
    points.canvas.hidden = names.node.hidden = !encodes;
    contours.hidden = encodes && labels.length > 0;
    if (encodes) points.draw(codes, labels, names.only());
  };
  const names = legend(labels.length ? classes : [], drawPoints);
  resets.push(names.reset);
  const controls = [
    toggle({ label: "decoded images", get: () => decodes, set: (on) => (decodes = on) }).node,
    ...(codes.length ? [toggle({ label: "encoded test images", get: () => encodes, set: (on) => ((encodes = on), drawPoints()) }).node] : []),
    button("Pin the point here", () => change({ pin: get("z") })),
  ];

  body.classList.add("gnb-columns");
  body.append(
    box("gnb-main", pad, box("gnb-under", contours, names.node)),
    box("gnb-side",
      box("gnb-row", box("gnb-figure", decoded.canvas, note("decoded at the point")), box("gnb-controls", ...controls)),
      box("gnb-figure", box("gnb-strip", ...strip.map(({ canvas }) => canvas)), note("on the straight line from the pin to the point"))),
  );
  return show((look) => {
    const [x, y] = get("z"), [x1, y1] = get("pin"), ink = inkOf(root);
    if (look) {
      images.draw(run, ink);
      drawPoints();
    }
    images.canvas.hidden = !decodes;
    images.canvas.classList.toggle("gnb-faint", encodes);
    for (const [node, a, b] of /** @type {const} */ ([[handle, x, y], [pin, x1, y1]])) {
      node.style.cssText = `left:${50 + (50 * a) / extent}%;top:${50 - (50 * b) / extent}%`;
    }
    for (const [name, value] of Object.entries({ x1, y1: -y1, x2: x, y2: -y })) line.setAttribute(name, String(value));
    decoded.draw(run([x, y]), ink);
    strip.forEach((target, i) => target.draw(run([x1 + ON_THE_WAY[i] * (x - x1), y1 + ON_THE_WAY[i] * (y - y1)]), ink));
    let text = `z = (${number(x)}, ${number(y)})   log p(z) = ${number(logNormal(x) + logNormal(y))} nats`;
    if (labels.length) {
      const { winner, votes, of } = vote([x, y], codes, labels);
      text += `   ${votes} of the ${of} nearest codes: ${classes[winner]}`;
    }
    readout.textContent = text;
  });
}

export default { render };
