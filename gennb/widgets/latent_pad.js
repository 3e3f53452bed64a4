// @ts-check
// A pad over a two-dimensional latent space: move the point, see the image that the decoder draws there.

import {
  button, element, frame, inkOf, number, painter, palette, picture, putImage, svg, toggle, watchTheme,
} from "./controls.js";
import { draggable } from "./drag.js";
import { unpackNetwork } from "./network.js";
import { gridCode, mosaic, plane, readCodes, scatter } from "./plane.js";

const NEIGHBORS = 15;
const STRIP = 8;

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

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const extent = model.get("extent"), shape = model.get("image_shape"), classes = model.get("classes");
  const network = unpackNetwork(model.get("network"), model.get("weights"));
  const codes = readCodes(model.get("codes"));
  const labelView = model.get("labels");
  const labels = new Uint8Array(labelView.buffer, labelView.byteOffset, labelView.byteLength);
  /** @type {number | null} */
  let only = null;

  const pad = plane(extent, {
    class: "gnb-plane gnb-pad", tabindex: 0, role: "application", "aria-roledescription": "pad",
    "aria-label": "Latent space. The arrow keys move the point, with Shift faster; Home goes to the origin.",
  });
  const line = svg("line", { class: "gnb-line" });
  pad.overlay.append(line);
  const pin = element("span", { class: "gnb-pin", "aria-hidden": "true" });
  const handle = element("span", { class: "gnb-handle", "aria-hidden": "true" });
  pad.node.append(pin, handle);

  const decoded = picture(shape, "the decoded image");
  const strip = Array.from({ length: STRIP }, () => picture(shape, ""));
  for (const { canvas } of strip) {
    canvas.setAttribute("aria-hidden", "true");
    canvas.removeAttribute("role");
    canvas.removeAttribute("aria-label");
  }

  const drawImages = mosaic(pad.images, shape, model.get("columns"), root);
  const drawPoints = scatter(pad.points, extent);
  const paintImages = () => drawImages((i) => network.run(gridCode(model.get("columns"), extent, i)));
  const paintPoints = () => codes.length && drawPoints(codes, labels, only);

  /** @param {HTMLElement} node @param {number[]} z */
  const place = (node, z) => {
    node.style.left = `${50 + (50 * z[0]) / extent}%`;
    node.style.top = `${50 - (50 * z[1]) / extent}%`;
  };
  /** @param {ReturnType<typeof picture>} target @param {number[]} z */
  const decodeInto = (target, z) => {
    putImage(target.image, network.run(z), shape, inkOf(root));
    target.context.putImageData(target.image, 0, 0);
  };
  const draw = () => {
    const z = model.get("z"), from = model.get("pin");
    place(handle, z);
    place(pin, from);
    for (const [name, value] of Object.entries({ x1: from[0], y1: -from[1], x2: z[0], y2: -z[1] })) {
      line.setAttribute(name, String(value));
    }
    decodeInto(decoded, z);
    strip.forEach((target, i) => {
      const t = i / (STRIP - 1);
      decodeInto(target, [from[0] + t * (z[0] - from[0]), from[1] + t * (z[1] - from[1])]);
    });
    const density = -Math.log(2 * Math.PI) - (z[0] ** 2 + z[1] ** 2) / 2;
    let text = `z = (${number(z[0])}, ${number(z[1])})   log p(z) = ${number(density)} nats`;
    if (labels.length) {
      const { winner, votes, of } = vote(z, codes, labels);
      text += `   ${votes} of the ${of} nearest codes: ${classes[winner]}`;
    }
    readout.textContent = text;
  };
  const repaint = painter(root, draw);

  /** @param {number} x @param {number} y */
  const move = (x, y) => {
    const clamp = (/** @type {number} */ v) => Math.min(extent, Math.max(-extent, Math.round(v * 1000) / 1000));
    model.set("z", [clamp(x), clamp(y)]);
    model.save_changes();
  };
  draggable(pad.node, (x, y) => move((2 * x - 1) * extent, (1 - 2 * y) * extent));
  pad.node.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.5 : 0.1, [x, y] = model.get("z");
    /** @type {Record<string, number[]>} */
    const to = {
      ArrowLeft: [x - step, y], ArrowRight: [x + step, y],
      ArrowUp: [x, y + step], ArrowDown: [x, y - step], Home: [0, 0],
    };
    if (!to[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(to[event.key][0], to[event.key][1]);
  });

  const controls = element("div", { class: "gnb-controls" });
  controls.append(toggle("decoded images", true, (on) => (pad.images.hidden = !on)).node);
  if (codes.length) {
    controls.append(
      toggle("encoded test images", false, (on) => {
        pad.points.hidden = legend.hidden = !on;
        note.hidden = on && labels.length > 0;
        pad.images.classList.toggle("gnb-faint", on);
        paintPoints();
      }).node,
    );
  }
  controls.append(
    button("Pin the point here", () => {
      model.set("pin", model.get("z"));
      model.save_changes();
    }),
  );
  pad.points.hidden = true;

  const legend = element("div", { class: "gnb-legend", role: "group", "aria-label": "Bring out one class" });
  legend.hidden = true;
  const note = element("span", { class: "gnb-note" }, "dashed: one and two standard deviations of the prior");
  if (labels.length) {
    classes.forEach((/** @type {string} */ name, /** @type {number} */ i) => {
      const chip = button(name, () => {
        only = only === i ? null : i;
        for (const [j, other] of [...legend.children].entries()) other.setAttribute("aria-pressed", String(j === only));
        paintPoints();
      });
      chip.className = "gnb-chip";
      chip.setAttribute("aria-pressed", "false");
      chip.style.setProperty("--swatch", palette[i % palette.length]);
      legend.append(chip);
    });
  }

  body.classList.add("gnb-columns");
  body.append(
    element("div", { class: "gnb-main" }, pad.node, element("div", { class: "gnb-under" }, note, legend)),
    element(
      "div",
      { class: "gnb-side" },
      element(
        "div",
        { class: "gnb-row" },
        element("div", { class: "gnb-figure" }, decoded.canvas, element("span", { class: "gnb-note" }, "decoded at the point")),
        controls,
      ),
      element(
        "div",
        { class: "gnb-figure gnb-strip-figure" },
        element("div", { class: "gnb-strip" }, ...strip.map((target) => target.canvas)),
        element("span", { class: "gnb-note" }, "on the straight line from the pin to the point"),
      ),
    ),
  );

  const resized = new ResizeObserver(paintPoints);
  resized.observe(pad.node);
  const unwatch = watchTheme(root, () => (paintImages(), repaint()));
  model.on("change:z", repaint);
  model.on("change:pin", repaint);
  repaint();
  paintImages();
  return () => {
    resized.disconnect();
    unwatch();
    model.off("change:z", repaint);
    model.off("change:pin", repaint);
  };
}

export default { render };
