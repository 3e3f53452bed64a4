// @ts-check
// A generator and a discriminator over one dimension that learn against each other in the page.

import { graph } from "./curves.js";
import { button, element, frame, number, painter, slider, svg, toggle } from "./controls.js";
import { density, game, measure, noiseCells, pushForward } from "./game.js";
import { learner, sigmoid } from "./trainer.js";

/** @typedef {import("./game.js").Hump} Hump */
/** @typedef {import("./game.js").Settings} Settings */

const VIEW = 5; // the x axis runs from -VIEW to VIEW
const CELLS = 240;
const WIDTH = (2 * VIEW) / CELLS;
const MEANS = [-4, 4];
const WIDTHS = [0.3, 1.5];
const NOISE = 2.5; // the z axis runs from -NOISE to NOISE
const NOISE_CELLS = 1024;
const ARROWS = 21;
const SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200]; // rounds a second
const BUDGET = 8; // milliseconds of a frame that may go to training
const TELL = 300; // milliseconds between two texts while playing
const RATE = { least: 1e-4, steps: 60, decade: 20 }; // of the sliders, from 0.0001 to 0.1
const RATE_OF_G = { adam: 0.002, sgd: 0.05 }; // where it starts after a change of optimizer
const SEED = 1;

/** @type {[import("./game.js").Loss, string][]} */
const LOSSES = [["non-saturating", "non-saturating"], ["minimax", "minimax"], ["wasserstein", "Wasserstein, weights clipped"]];

/** A learning rate by the notch of its slider, and back. @param {number} v */
const rate = (v) => RATE.least * 10 ** (v / RATE.decade);
/** @param {number} lr */
const notch = (lr) => Math.round(RATE.decade * Math.log10(lr / RATE.least));

/** @param {string} name @param {(Node | string)[]} text */
const key = (name, ...text) => element("span", { class: `gnb-key gnb-hue-${name}` }, ...text);

/** One of a few, by radio buttons. @template {string} Name @param {string} title @param {[Name, string][]} options @param {(name: Name) => void} changed */
function choice(title, options, changed) {
  const group = `gnb-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map(([name]) => element("input", { type: "radio", name: group, value: name }));
  inputs.forEach((input, i) => input.addEventListener("change", () => changed(options[i][0])));
  /** @param {Name} name */
  const set = (name) => inputs.forEach((input) => (input.checked = input.value === name));
  const node = element("fieldset", { class: "gnb-choice" }, element("legend", {}, title),
    ...options.map(([, text], i) => element("label", { class: "gnb-toggle" }, inputs[i], text)));
  return { node, set };
}

/** Values of z between which the prior has equal mass. @param {ReturnType<typeof noiseCells>} cells @param {number} count */
function quantiles({ knots, mass }, count) {
  let below = 0, i = 0;
  return Float64Array.from({ length: count }, (_, n) => {
    const goal = (n + 0.5) / count;
    while (below + mass[i] < goal) below += mass[i++];
    return knots[i] + ((goal - below) / mass[i]) * (knots[i + 1] - knots[i]);
  });
}

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const names = ["data", "loss", "k", "lr", "optimizer"];
  /** @returns {Settings} */
  const settings = () => /** @type {any} */ (Object.fromEntries(names.map((name) => [name, model.get(name)])));
  /** @param {string} name @param {any} value */
  const change = (name, value) => (model.set(name, value), model.save_changes());

  const batch = model.get("batch_size"), prior = model.get("prior");
  const capacity = Math.max(2 * batch, NOISE_CELLS + 1);
  const G = learner(model.get("generator"), model.get("generator_weights"), capacity);
  const D = learner(model.get("discriminator"), model.get("discriminator_weights"), capacity);
  const play = game(G, D, { batch, prior, betas: model.get("betas"), clip: model.get("clip"), seed: SEED });

  const noise = noiseCells(prior, NOISE_CELLS), zs = quantiles(noise, ARROWS);
  const xs = Array.from({ length: CELLS }, (_, i) => -VIEW + (i + 0.5) * WIDTH), cells = Float64Array.from(xs);
  const p = new Float64Array(CELLS), q = new Float64Array(CELLS), logits = new Float64Array(CELLS);

  const plot = graph({
    x: [-VIEW, VIEW], y: [0, 1.12], lines: ["best", "data", "model", "own"], fills: ["data", "model"],
    label: "Over x: the density of the data, the density of the generator, and the discriminator from 0 to 1",
    ticks: [-4, -2, 0, 2, 4].map((x) => [x, x === 0 ? "x = 0" : number(x, 0)]),
  });
  plot.plot.setAttribute("role", "group");
  const tip = `${root.getAttribute("aria-labelledby")}-tip`;
  const marker = svg("marker", { id: tip, viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 6, markerHeight: 6, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { d: "M0 0.4L5.6 3L0 5.6z" }));
  const at = (/** @type {number} */ v, /** @type {number} */ reach) => `${50 + (50 * v) / reach}%`;
  const arrows = [...zs].map((z) => svg("line", { x1: at(z, NOISE), y1: "100%", y2: "1", "marker-end": `url(#${tip})` }));
  const map = element("div", { class: "gnb-map", role: "img", "aria-label": `Arrows from ${ARROWS} values of z to x = G(z)` },
    svg("svg", { "aria-hidden": "true" }, svg("defs", {}, marker), ...arrows));
  const below = element("div", { class: "gnb-ticks", "aria-hidden": "true" },
    ...[-2, -1, 0, 1, 2].map((z) => element("span", { style: `left:${at(z, NOISE)}` }, z === 0 ? "z = 0" : number(z, 0))));

  /** @param {number} i @param {number} mean */
  const move = (i, mean) => {
    const to = Math.min(MEANS[1], Math.max(MEANS[0], Math.round(mean * 50) / 50));
    change("data", model.get("data").map((/** @type {Hump} */ hump, /** @type {number} */ j) => (i === j ? [hump[0], to, hump[2]] : hump)));
  };
  const handles = [0, 1].map((i) => {
    const node = element("div", {
      class: "gnb-handle gnb-of-data gnb-hump", role: "slider", tabindex: 0, "aria-label": `Hump ${i + 1} of the data`,
      "aria-valuemin": MEANS[0], "aria-valuemax": MEANS[1],
    });
    const mean = () => model.get("data")[i][1];
    const under = (/** @type {PointerEvent} */ event) => {
      const box = plot.plot.getBoundingClientRect();
      return plot.at((event.clientX - box.left) / box.width, 0)[0];
    };
    let grip = 0;
    node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      node.setPointerCapture(event.pointerId);
      grip = mean() - under(event);
    });
    node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && move(i, under(event) + grip));
    node.addEventListener("keydown", (event) => {
      const to = {
        ArrowLeft: mean() - 0.1, ArrowDown: mean() - 0.1, ArrowRight: mean() + 0.1, ArrowUp: mean() + 0.1,
        PageDown: mean() - 1, PageUp: mean() + 1, Home: MEANS[0], End: MEANS[1],
      }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      move(i, to);
    });
    plot.plot.append(node);
    return node;
  });

  let playing = false, seen = true, fresh = true, told = 0, before = 0, owed = 0,
    speed = SPEEDS.find((s) => s >= model.get("speed")) ?? 1;
  const keys = element("div", { class: "gnb-keys" });
  const best = toggle("", false, () => repaint());
  best.node.append(key("best", "best D*(x)"));

  /** Train for the time since the last frame. @param {Settings} now */
  const train = (now) => {
    const start = performance.now();
    owed = Math.min(speed, owed + (Math.min(100, start - before) * speed) / 1000);
    before = start;
    for (; owed >= 1 && performance.now() - start < BUDGET; owed--) play.round(now);
  };
  const look = (/** @type {Settings} */ { data }) => {
    pushForward(G.forward(noise.knots, NOISE_CELLS + 1), noise.mass, q, -VIEW, WIDTH);
    for (let i = 0; i < CELLS; i++) p[i] = WIDTH * density(data, xs[i]);
    logits.set(D.forward(cells, CELLS).subarray(0, CELLS));
  };
  const draw = () => {
    const now = settings(), { data, loss } = now, critic = loss === "wasserstein";
    if (playing && seen) train(now);
    look(now);
    plot.line("data", xs, Array.from(p, (v) => v / WIDTH));
    plot.line("model", xs, Array.from(q, (v) => v / WIDTH));
    const low = Math.min(...logits), range = Math.max(...logits) - low;
    plot.line("own", xs, Array.from(logits, critic ? (a) => 0.05 + 0.9 * (range > 1e-9 ? (a - low) / range : 0.5) : sigmoid));
    const known = xs.map((_, i) => i).filter((i) => p[i] + q[i] > 2e-3 * WIDTH);
    const there = best.input.checked && !critic && known.length > 0;
    plot.paths.best.setAttribute("visibility", there ? "visible" : "hidden");
    if (there) {
      const part = xs.slice(known[0], known[known.length - 1] + 1);
      plot.line("best", part, part.map((_, j) => p[known[0] + j] / (p[known[0] + j] + q[known[0] + j])));
    }
    const ends = G.forward(zs, ARROWS);
    arrows.forEach((arrow, i) => arrow.setAttribute("x2", at(Math.min(2 * VIEW, Math.max(-2 * VIEW, ends[i])), VIEW)));
    handles.forEach((node, i) => {
      node.hidden = i >= data.length;
      if (node.hidden) return;
      plot.put(node, data[i][1], Math.min(1, density(data, data[i][1])));
      node.setAttribute("aria-valuenow", data[i][1].toFixed(2));
      node.setAttribute("aria-valuetext", `${Math.round(100 * data[i][0])}% of the data around x = ${number(data[i][1])}`);
    });
    if (!Number.isFinite(range)) stop();
    const time = performance.now();
    if (!playing || time - told > TELL) {
      told = time;
      readout.textContent = say(now, play.rounds, fresh, p, q, measure(p, q, logits));
    }
    if (playing && seen) repaint();
  };
  const repaint = painter(root, draw);

  const stop = () => {
    playing = false;
    start.textContent = "Play";
    readout.setAttribute("aria-live", "polite");
  };
  const start = button("Play", () => {
    if (playing) stop();
    else {
      playing = true;
      fresh = false;
      before = performance.now();
      owed = 1;
      start.textContent = "Pause";
      readout.setAttribute("aria-live", "off");
    }
    repaint();
  });
  start.classList.add("gnb-play");
  const once = (/** @type {string} */ text, /** @type {(now: Settings) => void} */ act) =>
    button(text, () => {
      stop();
      fresh = false;
      act(settings());
      repaint();
    });
  const reset = button("Reset", () => {
    stop();
    play.reset();
    fresh = true;
    repaint();
  });

  const sliders = {
    speed: slider({ label: "speed", min: 0, max: SPEEDS.length - 1, step: 1, value: SPEEDS.indexOf(speed),
      text: (i) => `${SPEEDS[i].toLocaleString("en")}/s` }, (i) => (speed = SPEEDS[i])),
    k: slider({ label: "steps k of D", min: 1, max: 5, step: 1, value: model.get("k"), text: String }, (v) => change("k", v)),
    rates: ["D", "G"].map((name, i) =>
      slider({ label: `rate of ${name}`, min: 0, max: RATE.steps, step: 1, value: notch(model.get("lr")[i]),
        text: (v) => rate(v).toPrecision(2) }, (v) => change("lr", model.get("lr").with(i, rate(v))))),
    width: slider({ label: "width of humps", min: WIDTHS[0], max: WIDTHS[1], step: 0.05, value: model.get("data")[0][2] },
      (v) => change("data", model.get("data").map((/** @type {Hump} */ [weight, mean]) => [weight, mean, v]))),
  };
  const loss = choice("loss of G", LOSSES, (name) => change("loss", name));
  let other = RATE_OF_G[settings().optimizer === "adam" ? "sgd" : "adam"];
  const adam = toggle("Adam for G", true, (on) => {
    const [ofD, ofG] = model.get("lr");
    change("optimizer", on ? "adam" : "sgd");
    change("lr", [ofD, other]);
    other = ofG;
  });
  /** @type {Hump[] | null} */
  let both = null;
  const humps = toggle("two humps", true, (on) => {
    const data = model.get("data"), [, mean, std] = data[0];
    if (!on) both = data;
    const [{ 0: share }, { 0: rest, 1: beside }] = both ?? [[0.5], [0.5, mean > 0 ? mean - 3 : mean + 3]];
    change("data", on ? [[share, mean, std], [rest, beside, std]] : [[1, mean, std]]);
  });

  body.append(
    element("div", { class: "gnb-above" }, keys, best.node),
    element("div", { class: "gnb-duel" }, plot.node, map, below),
    element("div", { class: "gnb-controls gnb-transport" }, start,
      once("One round", play.round), once("Step D", play.stepDiscriminator), once("Step G", play.stepGenerator), reset, sliders.speed.node),
    element("div", { class: "gnb-halves" },
      element("div", { class: "gnb-sliders" }, sliders.k.node, ...sliders.rates.map((s) => s.node), sliders.width.node),
      element("div", { class: "gnb-side" }, loss.node, element("div", { class: "gnb-controls" }, adam.node, humps.node))),
  );
  const changed = () => {
    const { data, loss: name, k, lr, optimizer } = settings(), critic = name === "wasserstein";
    keys.replaceChildren(key("data", "data p(x)"), key("model", "generator p", element("sub", {}, "g"), "(x)"),
      key("own", critic ? "critic f(x), scaled" : "discriminator D(x)"));
    plot.levels(critic ? [[0.05, "f lowest"], [0.95, "f highest"]] : [[0.5, "D = \u00bd"], [1, "D = 1"]]);
    best.input.disabled = critic;
    loss.set(name);
    adam.input.checked = optimizer === "adam";
    humps.input.checked = data.length === 2;
    sliders.k.set(k);
    sliders.rates.forEach((s, i) => s.set(notch(lr[i])));
    sliders.width.set(data[0][2]);
    told = 0;
    repaint();
  };
  for (const name of names) model.on(`change:${name}`, changed);
  const watcher = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    before = performance.now();
    if (seen && playing) repaint();
  });
  watcher.observe(root);
  changed();
  return () => {
    stop();
    watcher.disconnect();
    for (const name of names) model.off(`change:${name}`, changed);
  };
}

/**
 * What is happening, in words.
 * @param {Settings} settings
 * @param {number} rounds
 * @param {boolean} fresh whether nobody has learned yet
 * @param {Float64Array} p mass of the data by cell
 * @param {Float64Array} q mass of the generator by cell
 * @param {ReturnType<typeof measure>} seen
 */
function say({ data, loss, optimizer }, rounds, fresh, p, q, { value, gap, distance, right, fooled, undecided }) {
  const critic = loss === "wasserstein";
  const start = `round ${rounds.toLocaleString("en")}   ` +
    (critic ? `E f(x) \u2212 E f(G(z)) = ${number(gap, 3)}` : `V(D, G) = ${number(value)} nats`) +
    `   total variation ${number(distance)}\n`;
  if (!Number.isFinite(value)) return "The numbers have grown beyond all bounds. Reset, and take smaller rates.";
  if (fresh) return `${start}Nobody has learned anything yet. Play, or take one round at a time.`;
  const lost = 1 - q.reduce((a, b) => a + b);
  if (lost > 0.05) return `${start}G sends ${Math.round(100 * lost)}% of its samples beyond this picture.`;
  const empty = deserted(data, q);
  if (empty >= 0) {
    return `${start}Mode collapse: hardly any z goes to the hump around x = ${number(data[empty][1], 1)}.`;
  }
  if (distance < 0.15) {
    return start + (critic ? "The densities nearly agree."
      : undecided ? "D is close to \u00bd where samples are, and V to \u2212log 4 = \u22121.39: it cannot tell them apart."
      : "The densities nearly agree; D clings to the small differences that are left.");
  }
  if (critic) return `${start}G moves its samples up the slope of the critic, which clipped weights keep simple.`;
  if (fooled < 0.03) {
    const sure = `${start}D is sure: D(G(z)) = ${fooled.toPrecision(1)} on average`;
    if (loss === "non-saturating") return `${sure}. But 1 \u2212 D(G(z)), the slope of this loss, is almost 1.`;
    return `${sure}, and so small is the minimax slope. ` +
      (optimizer === "adam" ? "Adam enlarges it." : "G hardly moves.");
  }
  if (undecided) return `${start}The densities differ, but D has not found out yet: it is close to \u00bd.`;
  return `${start}D is right about ${Math.round(100 * right)}% of the samples. G moves them up D's slope.`;
}

/** The hump that the generator leaves out, or -1. @param {Hump[]} data @param {Float64Array} q */
function deserted(data, q) {
  if (data.length < 2 || Math.abs(data[0][1] - data[1][1]) < 2 * (data[0][2] + data[1][2])) return -1;
  const shares = data.map(([weight, mean, std]) =>
    q.reduce((sum, mass, i) => sum + (Math.abs(-VIEW + (i + 0.5) * WIDTH - mean) < 2 * std ? mass / weight : 0), 0));
  return Math.max(...shares) > 1 ? shares.findIndex((share) => share < 0.15) : -1;
}

export default { render };
