// @ts-check
// A scrubber through training time and through beta: what the decoder draws, where the encoder puts the digits.

import { button, element, frame, number, painter, palette, slider, watchTheme } from "./controls.js";
import { unpackNetwork } from "./network.js";
import { gridCode, mosaic, plane, readCodes, scatter } from "./plane.js";

const PAUSE = 700;

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const extent = model.get("extent"), shape = model.get("image_shape"), columns = model.get("columns");
  /** @type {number[]} */
  const steps = model.get("steps");
  /** @type {number[]} */
  const betas = model.get("betas");
  /** @type {number[][]} */
  const reconstruction = model.get("reconstruction");
  /** @type {number[][]} */
  const kl = model.get("kl");
  /** @type {string[]} */
  const classes = model.get("classes");
  const labelView = model.get("labels");
  const labels = new Uint8Array(labelView.buffer, labelView.byteOffset, labelView.byteLength);
  const weights = model.get("weights"), size = weights.byteLength / (steps.length * betas.length);
  /** @type {Map<number, import("./network.js").Network>} */
  const networks = new Map();

  const decodedPlane = plane(extent, { role: "img", "aria-label": "Images decoded on a grid of the latent space" });
  const encodedPlane = plane(extent, { role: "img", "aria-label": "Codes of the test images, colored by class" });
  const drawImages = mosaic(decodedPlane.images, shape, columns, root);
  const drawPoints = scatter(encodedPlane.points, extent);
  decodedPlane.points.remove();
  encodedPlane.images.remove();

  const bars = element("div", { class: "gnb-columns-chart", "aria-hidden": "true" });
  const columnsOfBars = steps.map(() => {
    const pieces = [element("span", { class: "gnb-piece-prior" }), element("span", { class: "gnb-piece-reconstruction" })];
    const column = element("div", { class: "gnb-column" }, ...pieces);
    bars.append(column);
    return { column, pieces };
  });
  const tallest = Math.max(...reconstruction.flatMap((row, b) => row.map((r, s) => r + kl[b][s])));

  const draw = () => {
    const s = model.get("step"), b = model.get("beta");
    const index = b * steps.length + s;
    let network = networks.get(index);
    if (!network) networks.set(index, (network = unpackNetwork(model.get("network"), weights, index * size)));
    const { run } = network;
    drawImages((i) => run(gridCode(columns, extent, i)), true);
    drawPoints(readCodes(model.get("codes"), 4 * labels.length * index, labels.length), labels);
    columnsOfBars.forEach(({ column, pieces }, i) => {
      column.classList.toggle("gnb-now", i === s);
      pieces[0].style.height = `${(100 * kl[b][i]) / tallest}%`;
      pieces[1].style.height = `${(100 * reconstruction[b][i]) / tallest}%`;
    });
    const r = reconstruction[b][s], k = kl[b][s];
    readout.textContent =
      `step ${steps[s].toLocaleString("en")}, \u03b2 = ${betas[b]}:   ` +
      `reconstruction ${number(r, 1)} + KL ${number(k, 1)} = ${number(r + k, 1)} nats per image`;
  };
  const repaint = painter(root, draw);

  /** @param {"step" | "beta"} name @param {number} value */
  const change = (name, value) => (model.set(name, value), model.save_changes());
  const time = slider(
    { label: "training step", min: 0, max: steps.length - 1, step: 1, value: model.get("step"),
      text: (i) => steps[i].toLocaleString("en") },
    (i) => (stop(), change("step", i)),
  );
  const weight = slider(
    { label: "weight \u03b2", min: 0, max: betas.length - 1, step: 1, value: model.get("beta"),
      text: (i) => String(betas[i]) },
    (i) => change("beta", i),
  );

  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    readout.setAttribute("aria-live", "polite");
    play.textContent = "Play the training";
  };
  const play = button("Play the training", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    readout.setAttribute("aria-live", "off");
    change("step", model.get("step") === steps.length - 1 ? 0 : model.get("step") + 1);
    timer = window.setInterval(() => {
      if (!root.isConnected || model.get("step") >= steps.length - 1) return stop();
      change("step", model.get("step") + 1);
    }, PAUSE);
  });

  const legend = element("div", { class: "gnb-legend", "aria-hidden": "true" });
  classes.forEach((name, i) => {
    const chip = element("span", { class: "gnb-chip" }, name);
    chip.style.setProperty("--swatch", palette[i % palette.length]);
    legend.append(chip);
  });
  body.append(
    element("div", { class: "gnb-pair" },
      element("div", { class: "gnb-figure" }, decodedPlane.node, element("span", { class: "gnb-note" }, "what the decoder draws at each code")),
      element("div", { class: "gnb-figure" }, encodedPlane.node, element("span", { class: "gnb-note" }, "where the encoder puts test images"))),
    legend,
    element("div", { class: "gnb-columns gnb-timeline" },
      element("div", { class: "gnb-sliders gnb-main" }, time.node, weight.node, element("div", { class: "gnb-controls" }, play)),
      element("div", { class: "gnb-side" }, bars,
        element("div", { class: "gnb-keys" },
          element("span", { class: "gnb-key gnb-piece-reconstruction" }, "reconstruction"),
          element("span", { class: "gnb-key gnb-piece-prior" }, "KL")))),
  );

  const changed = () => {
    time.set(model.get("step"));
    weight.set(model.get("beta"));
    repaint();
  };
  const resized = new ResizeObserver(repaint);
  resized.observe(encodedPlane.node);
  const unwatch = watchTheme(root, repaint);
  const events = ["change:step", "change:beta"];
  for (const event of events) model.on(event, changed);
  repaint();
  return () => {
    stop();
    resized.disconnect();
    unwatch();
    for (const event of events) model.off(event, changed);
  };
}

export default { render };
