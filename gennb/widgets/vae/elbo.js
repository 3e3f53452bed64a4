// @ts-check
// The ELBO's gap in the one model where everything is closed: x = w z + noise.

import { box, element, key, number } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { clamp, logNormal, normal, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

const STEP = 0.02;

/** @param {number} mean @param {number} std @param {number} toMean @param {number} toStd */
const divergence = (mean, std, toMean, toStd) =>
  Math.log(toStd / std) + (std ** 2 + (mean - toMean) ** 2) / (2 * toStd ** 2) - 0.5;

/**
 * Every number of the explorable, in nats.
 * @param {{x: number, w: number, s: number, mean: number, std: number}} values
 */
export function elboNumbers({ x, w, s, mean, std }) {
  const scale = Math.hypot(w, s), posteriorMean = (w * x) / scale ** 2, posteriorStd = s / scale;
  const reconstruction = logNormal(x, w * mean, s) - ((w * std) / s) ** 2 / 2;
  const kl = divergence(mean, std, 0, 1);
  return {
    posteriorMean, posteriorStd, reconstruction, kl,
    elbo: reconstruction - kl,
    gap: divergence(mean, std, posteriorMean, posteriorStd),
    evidence: logNormal(x, 0, scale),
  };
}

/**
 * A bar of two pieces that starts at nought, with its sum spelled out above it.
 * @param {[string, string][]} named the look and the name of each piece
 */
function bar(...named) {
  const text = element("span", { class: "gnb-sum" });
  const pieces = named.map(([look]) => element("span", { class: `gnb-${look}` }));
  const whole = element("div", { class: "gnb-pieces", "aria-hidden": "true" }, ...pieces);
  return {
    node: box("gnb-bar", text, whole),
    /** @param {number} sum @param {number[]} costs @param {number} full nats at the right end */
    set(sum, costs, full) {
      const keys = named.map(([look, name], i) => key(look, `${name} ${number(costs[i])}`));
      text.replaceChildren(`\u2212ELBO ${number(sum)} = `, keys[0], " + ", keys[1]);
      pieces.forEach((piece, i) => (piece.style.width = `${(100 * costs[i]) / full}%`));
      whole.classList.toggle("gnb-over", sum > full);
    },
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, values, change, slider, show } = stage(context);
  const { mean: means, std: widths, view } = get("limits"), zs = steps(-view, view, 161);
  const densities = graph({
    x: [-view, view], y: [0, 1.12], lines: ["prior", "posterior", "q"], fills: ["q"], look: "gnb-bells",
    ticks: [-3, -2, -1, 0, 1, 2, 3].map((z) => [z, z === 0 ? "z = 0" : number(z, 0)]),
    label: "Densities over z: the prior, the true posterior and q. The sliders below move q.",
  });
  const handle = densities.add("gnb-dot gnb-handle");
  densities.drag((z, height) => change({
    mean: Math.round(clamp(z, means[0], means[1]) / STEP) * STEP,
    std: Math.round(clamp(1 / (Math.max(0.01, height) * Math.sqrt(2 * Math.PI)), widths[0], widths[1]) / STEP) * STEP,
  }));
  const costs = bar(["piece-reconstruction", "reconstruction cost"], ["piece-prior", "KL(q \u2016 prior)"]);
  const truth = bar(["piece-evidence", "\u2212log p(x)"], ["piece-gap", "KL(q \u2016 posterior)"]);
  const sliders = [["mean", "mean of q"], ["std", "width of q"], ["x", "observed x"]];

  body.append(
    box("gnb-keys", key("hue-prior", "prior p(z)"), key("hue-posterior", "true posterior p(z|x)"), key("hue-q", "your q(z)")),
    densities.node,
    box("gnb-sliders", ...sliders.map(([trait, label]) => slider({ trait, label, step: STEP }).node)),
    box("gnb-bars", costs.node, truth.node),
  );
  return show(() => {
    const now = values("x", "w", "s", "mean", "std"), nats = elboNumbers(now);
    densities.line("prior", zs, (z) => normal(z));
    densities.line("posterior", zs, (z) => normal(z, nats.posteriorMean, nats.posteriorStd));
    densities.line("q", zs, (z) => normal(z, now.mean, now.std));
    densities.put(handle, now.mean, normal(0, 0, now.std));
    costs.set(-nats.elbo, [-nats.reconstruction, nats.kl], get("full"));
    truth.set(-nats.elbo, [-nats.evidence, nats.gap], get("full"));
    readout.textContent =
      `log p(x) = ${number(nats.evidence)} = ELBO ${number(nats.elbo)} + gap ${number(nats.gap)} nats`;
  });
}

export default { render };
