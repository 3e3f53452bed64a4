// @ts-check
// The ELBO's gap in the one model where everything is closed: x = w z + noise.

import { element, frame, number, painter, slider, svg } from "./controls.js";
import { draggable } from "./drag.js";

const REACH = 4;
const TOP = 1.12;
const STEP = 0.02;
const WIDTHS = [0.4, 2];

/** @param {number} z @param {number} mean @param {number} std */
const normal = (z, mean, std) => Math.exp(-(((z - mean) / std) ** 2) / 2) / (std * Math.sqrt(2 * Math.PI));

/** @param {number} mean @param {number} std @param {number} toMean @param {number} toStd */
const divergence = (mean, std, toMean, toStd) =>
  Math.log(toStd / std) + (std ** 2 + (mean - toMean) ** 2) / (2 * toStd ** 2) - 0.5;

/**
 * Every number of the explorable, in nats.
 * @param {{x: number, w: number, s: number, mean: number, std: number}} values
 */
export function elboNumbers({ x, w, s, mean, std }) {
  const variance = w ** 2 + s ** 2;
  const posteriorMean = (w * x) / variance, posteriorStd = s / Math.sqrt(variance);
  const half = Math.log(2 * Math.PI) / 2;
  const reconstruction = -half - Math.log(s) - ((x - w * mean) ** 2 + (w * std) ** 2) / (2 * s ** 2);
  const kl = divergence(mean, std, 0, 1);
  return {
    posteriorMean, posteriorStd, reconstruction, kl,
    elbo: reconstruction - kl,
    gap: divergence(mean, std, posteriorMean, posteriorStd),
    evidence: -half - Math.log(variance) / 2 - x ** 2 / (2 * variance),
  };
}

/** @param {string} name @param {string} text */
const key = (name, text) => element("span", { class: `gnb-key ${name}` }, text);

/**
 * A bar of two pieces that starts at nought, with its sum spelled out above it.
 * @param {string} first
 * @param {string} second
 */
function bar(first, second) {
  const text = element("span", { class: "gnb-sum" });
  const pieces = [first, second].map((name) => element("span", { class: name }));
  const whole = element("div", { class: "gnb-pieces", "aria-hidden": "true" }, ...pieces);
  return {
    node: element("div", { class: "gnb-bar" }, text, whole),
    text,
    /** @param {number} a @param {number} b @param {number} full nats at the right end */
    set(a, b, full) {
      pieces[0].style.width = `${(100 * a) / full}%`;
      pieces[1].style.width = `${(100 * b) / full}%`;
      whole.classList.toggle("gnb-over", a + b > full);
    },
  };
}

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const names = ["mean", "std", "x"];
  const values = () => ({
    x: model.get("x"), w: model.get("w"), s: model.get("s"), mean: model.get("mean"), std: model.get("std"),
  });
  /** @param {string} name @param {number} value */
  const change = (name, value) => {
    model.set(name, Math.round(value / STEP) * STEP);
    model.save_changes();
  };

  const curves = { prior: svg("path"), posterior: svg("path"), q: svg("path"), fill: svg("path") };
  for (const [name, path] of Object.entries(curves)) path.setAttribute("class", `gnb-curve-${name}`);
  const drawing = svg(
    "svg",
    { viewBox: `${-REACH} 0 ${2 * REACH} ${TOP}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    curves.fill, curves.prior, curves.posterior, curves.q,
  );
  const handle = element("span", { class: "gnb-handle", "aria-hidden": "true" });
  const plot = element(
    "div",
    { class: "gnb-plot", role: "img", "aria-label": "Densities over z: the prior, the true posterior and q. The sliders below move q." },
    drawing, handle,
  );
  const ticks = element("div", { class: "gnb-ticks", "aria-hidden": "true" });
  for (const z of [-3, -2, -1, 0, 1, 2, 3]) {
    ticks.append(element("span", { style: `left:${50 + (50 * z) / REACH}%` }, z === 0 ? "z = 0" : number(z, 0)));
  }

  /** @param {(z: number) => number} density */
  const trace = (density) =>
    Array.from({ length: 161 }, (_, i) => {
      const z = (i / 160) * 2 * REACH - REACH;
      return `${i ? "L" : "M"}${z.toFixed(3)} ${(TOP - density(z)).toFixed(4)}`;
    }).join("");

  const costs = bar("gnb-piece-reconstruction", "gnb-piece-prior");
  const truth = bar("gnb-piece-evidence", "gnb-piece-gap");
  const sliders = {
    mean: slider({ label: "mean of q", min: -3, max: 3, step: STEP, value: model.get("mean") }, (v) => change("mean", v)),
    std: slider({ label: "width of q", min: WIDTHS[0], max: WIDTHS[1], step: STEP, value: model.get("std") }, (v) => change("std", v)),
    x: slider({ label: "observed x", min: -3, max: 3, step: STEP, value: model.get("x") }, (v) => change("x", v)),
  };

  const draw = () => {
    const now = values(), nats = elboNumbers(now);
    curves.prior.setAttribute("d", trace((z) => normal(z, 0, 1)));
    curves.posterior.setAttribute("d", trace((z) => normal(z, nats.posteriorMean, nats.posteriorStd)));
    const q = trace((z) => normal(z, now.mean, now.std));
    curves.q.setAttribute("d", q);
    curves.fill.setAttribute("d", `${q}L${REACH} ${TOP}L${-REACH} ${TOP}Z`);
    handle.style.left = `${50 + (50 * now.mean) / REACH}%`;
    handle.style.top = `${100 - (100 * normal(0, 0, now.std)) / TOP}%`;
    costs.set(-nats.reconstruction, nats.kl, model.get("full"));
    truth.set(-nats.evidence, nats.gap, model.get("full"));
    costs.text.replaceChildren(
      `\u2212ELBO ${number(-nats.elbo)} = `, key("gnb-piece-reconstruction", `reconstruction cost ${number(-nats.reconstruction)}`),
      " + ", key("gnb-piece-prior", `KL(q \u2016 prior) ${number(nats.kl)}`),
    );
    truth.text.replaceChildren(
      `\u2212ELBO ${number(-nats.elbo)} = `, key("gnb-piece-evidence", `\u2212log p(x) ${number(-nats.evidence)}`),
      " + ", key("gnb-piece-gap", `KL(q \u2016 posterior) ${number(nats.gap)}`),
    );
    readout.textContent =
      `log p(x) = ${number(nats.evidence)} = ELBO ${number(nats.elbo)} + gap ${number(nats.gap)} nats`;
  };
  const repaint = painter(root, draw);

  draggable(plot, (x, y) => {
    change("mean", Math.min(3, Math.max(-3, (2 * x - 1) * REACH)));
    const peak = Math.max(0.01, TOP * (1 - y));
    change("std", Math.min(WIDTHS[1], Math.max(WIDTHS[0], 1 / (peak * Math.sqrt(2 * Math.PI)))));
  });
  body.append(
    element("div", { class: "gnb-keys" },
      key("gnb-key-prior", "prior p(z)"), key("gnb-key-posterior", "true posterior p(z|x)"), key("gnb-key-q", "your q(z)")),
    element("div", { class: "gnb-drag" }, plot, ticks),
    element("div", { class: "gnb-sliders" }, sliders.mean.node, sliders.std.node, sliders.x.node),
    element("div", { class: "gnb-bars" }, costs.node, truth.node),
  );
  const changed = () => {
    sliders.mean.set(model.get("mean"));
    sliders.std.set(model.get("std"));
    sliders.x.set(model.get("x"));
    repaint();
  };
  for (const name of names) model.on(`change:${name}`, changed);
  repaint();
  return () => names.forEach((name) => model.off(`change:${name}`, changed));
}

export default { render };
