// @ts-check
// A scrubber through training time and through beta: what the decoder draws, where the encoder puts the digits.

import { box, element, key, note, number, palette, whole } from "../kit/elements.js";
import { unpackNetwork } from "../kit/network.js";
import { inkOf, latentPlane, mosaic, readBytes, readPoints, scatter } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { timeline } from "../kit/timeline.js";

const SPEED = 1.4; // snapshots a second

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const self = stage(context), { root, body, readout, get, values, slider, show } = self;
  const extent = get("extent"), labels = readBytes(get("labels"));
  /** @type {{steps: number[], betas: number[], reconstruction: number[][], kl: number[][], classes: string[]}} */
  const { steps, betas, reconstruction, kl, classes } = values("steps", "betas", "reconstruction", "kl", "classes");
  const weights = get("weights"), size = weights.byteLength / (steps.length * betas.length);
  /** @type {Map<number, import("../kit/network.js").Network>} */
  const networks = new Map();
  /** @param {number} index of a snapshot */
  const decoder = (index) => {
    const known = networks.get(index) ?? unpackNetwork(get("network"), weights, index * size);
    networks.set(index, known);
    return known.run;
  };

  const images = mosaic(get("image_shape"), get("columns"), extent), points = scatter(extent);
  /** @param {string} label @param {Node} canvas @param {string} text */
  const figure = (label, canvas, text) =>
    box("gnb-figure", latentPlane(extent, { role: "img", "aria-label": label }, canvas), note(text));
  const columns = steps.map(() => box("gnb-column", element("span", { class: "gnb-piece-prior" }), element("span", { class: "gnb-piece-reconstruction" })));
  const chart = element("div", { class: "gnb-columns-chart", "aria-hidden": "true" }, ...columns);
  const tallest = Math.max(...reconstruction.flatMap((row, b) => row.map((r, s) => r + kl[b][s])));
  const time = timeline(self, { trait: "step", label: "training step", names: steps.map(whole), speed: SPEED });
  const weight = slider({ trait: "beta", label: "weight \u03b2", min: 0, max: betas.length - 1, step: 1, text: (i) => String(betas[i]) });
  const legend = element("div", { class: "gnb-legend", "aria-hidden": "true" }, ...classes.map((name, i) =>
    element("span", { class: "gnb-chip", style: `--swatch:${palette[i % palette.length]}` }, name)));

  body.append(
    box("gnb-pair",
      figure("Images decoded on a grid of the latent space", images.canvas, "what the decoder draws at each code"),
      figure("Codes of the test images, colored by class", points.canvas, "where the encoder puts test images")),
    legend,
    chart,
    box("gnb-keys", key("piece-reconstruction", "reconstruction"), key("piece-prior", "KL")),
    time.row(weight.node),
  );
  return show(() => {
    const s = get("step"), b = get("beta"), index = b * steps.length + s;
    images.draw(decoder(index), inkOf(root), true);
    points.draw(readPoints(get("codes"), labels.length * index, labels.length), labels);
    columns.forEach((column, i) => {
      column.classList.toggle("gnb-now", i === s);
      [kl, reconstruction].forEach((cost, j) =>
        /** @type {HTMLElement} */ (column.children[j]).style.setProperty("height", `${(100 * cost[b][i]) / tallest}%`));
    });
    const r = reconstruction[b][s], k = kl[b][s];
    readout.textContent =
      `step ${whole(steps[s])}, \u03b2 = ${betas[b]}:   ` +
      `reconstruction ${number(r, 1)} + KL ${number(k, 1)} = ${number(r + k, 1)} nats per image`;
  });
}

export default { render };
