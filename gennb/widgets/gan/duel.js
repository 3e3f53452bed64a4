// @ts-check
// A generator and a discriminator over one dimension that learn against each other in the page.

import { knob } from "../kit/controls.js";
import { box, element, key, number, svg, whole } from "../kit/elements.js";
import { axis, graph } from "../kit/graph.js";
import { learner } from "../kit/learner.js";
import { clamp, sigmoid, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";
import { say, witness } from "./commentary.js";
import { density, game, measure, noiseCells, pushForward, quantiles } from "./game.js";

/** @typedef {import("./game.js").Hump} Hump */
/** @typedef {import("./game.js").Settings} Settings */

const CELLS = 240;
const NOISE_CELLS = 1024;
const ARROWS = 21;
const BUDGET = 8; // milliseconds of a frame that may go to training
const TELL = 300; // milliseconds between two texts while playing
const REST = 400; // milliseconds that the players wait after the data have moved, so that one sees who moves next
const DECADE = 20; // notches of a slider of rates
const RATE_OF_G = { adam: 0.002, sgd: 0.05 }; // where it starts after a change of optimizer
const SEED = 1;

/** @type {[import("./game.js").Loss, string][]} */
const LOSSES = [["non-saturating", "non-saturating"], ["minimax", "minimax"], ["wasserstein", "Wasserstein, weights clipped"]];

/**
 * Arrows from values of z to what the generator makes of them.
 * @param {Float64Array} zs
 * @param {number} reach of the axis of z
 * @param {number} view reach of the axis of x
 * @param {string} id of the arrows' tip
 */
function map(zs, reach, view, id) {
  const at = (/** @type {number} */ v, /** @type {number} */ end) => (1 + v / end) / 2;
  const tip = { viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 6, markerHeight: 6, markerUnits: "userSpaceOnUse", orient: "auto" };
  const marker = svg("marker", { id, ...tip }, svg("path", { d: "M0 0.4L5.6 3L0 5.6z" }));
  const arrows = [...zs].map((z) => svg("line", { x1: `${100 * at(z, reach)}%`, y1: "100%", y2: "1", "marker-end": `url(#${id})` }));
  const picture = element("div", { class: "gnb-map", role: "img", "aria-label": `Arrows from ${zs.length} values of z to x = G(z)` },
    svg("svg", { "aria-hidden": "true" }, svg("defs", {}, marker), ...arrows));
  const below = axis([-2, -1, 0, 1, 2].map((z) => [z, z === 0 ? "z = 0" : number(z, 0)]), (z) => at(z, reach));
  return {
    nodes: [picture, below],
    /** @param {Float64Array} ends */
    set: (ends) => arrows.forEach((arrow, i) => arrow.setAttribute("x2", `${100 * at(clamp(ends[i], -2 * view, 2 * view), view)}%`)),
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, values, change, control, slider, toggle, choice, player, show } = stage(context);
  /** @returns {Settings} */
  const settings = () => values("data", "loss", "k", "lr", "optimizer");
  const { mean: means, rate: rates, view, noise: reach, speeds } = get("limits"), width = (2 * view) / CELLS;

  const batch = get("batch_size"), prior = get("prior"), capacity = Math.max(2 * batch, NOISE_CELLS + 1);
  const G = learner(get("generator"), get("generator_weights"), capacity);
  const D = learner(get("discriminator"), get("discriminator_weights"), capacity);
  const play = game(G, D, { batch, prior, betas: get("betas"), clip: get("clip"), seed: SEED });

  const noise = noiseCells(prior, NOISE_CELLS), zs = quantiles(noise, ARROWS);
  const xs = steps(-view + width / 2, view - width / 2, CELLS), cells = Float64Array.from(xs);
  const p = new Float64Array(CELLS), q = new Float64Array(CELLS), logits = new Float64Array(CELLS);

  const plot = graph({
    x: [-view, view], y: [0, 1.12], lines: ["best", "data", "model", "own"], fills: ["data", "model"],
    label: "Over x: the density of the data, the density of the generator, and the discriminator from 0 to 1",
    ticks: [-4, -2, 0, 2, 4].map((x) => [x, x === 0 ? "x = 0" : number(x, 0)]),
  });
  plot.plot.setAttribute("role", "group");
  const arrows = map(zs, reach, view, `${root.getAttribute("aria-labelledby")}-tip`);
  let held = false;
  const handles = [0, 1].map((i) => {
    /** @returns {Hump} */
    const hump = () => get("data")[i] ?? [0, 0, 1];
    const set = (/** @type {number} */ mean) =>
      change({ data: get("data").with(i, [hump()[0], clamp(Math.round(mean * 50) / 50, means[0], means[1]), hump()[2]]) });
    const { node } = control(knob({
      class: "gnb-dot gnb-handle gnb-hue-data gnb-hump", label: `Hump ${i + 1} of the data`, min: means[0], max: means[1], small: 0.1, big: 1,
      get: () => hump()[1], set, text: () => `${Math.round(100 * hump()[0])}% of the data around x = ${number(hump()[1])}`,
    }));
    let grip = 0;
    plot.drag((x, _, first) => (first ? (grip = hump()[1] - x) : set(x + grip)), node);
    node.addEventListener("gotpointercapture", () => (held = true));
    node.addEventListener("lostpointercapture", () => (held = false));
    plot.plot.append(node);
    return node;
  });

  const move = witness();
  let fresh = true, told = 0, owed = 0, rest = 0;
  const learn = (/** @type {(now: Settings) => void} */ act) => () => ((fresh = false), act(settings()));
  const training = player("Play", (ms) => {
    const start = performance.now(), now = settings(), speed = get("speed");
    if (held || start < rest) return;
    for (owed = Math.min(speed, owed + (ms * speed) / 1000); owed >= 1 && performance.now() - start < BUDGET; owed--) play.round(now);
  }, {
    step: ["One round", learn(play.round)],
    begin: () => ([fresh, owed] = [false, 1]),
    reset() {
      play.reset();
      [fresh, both, other] = [true, null, forgotten()];
    },
  });
  const players = [["Step D", play.stepDiscriminator], ["Step G", play.stepGenerator]].map(([text, act]) => training.once(text, learn(act)));

  const keys = box("gnb-keys");
  let asked = false;
  const best = toggle({ label: key("hue-best", "best D*(x)"), get: () => asked, set: (on) => (asked = on) });
  const notch = (/** @type {number} */ lr) => Math.round(DECADE * Math.log10(lr / rates[0]));
  const rate = (/** @type {number} */ v) => rates[0] * 10 ** (v / DECADE);
  const sliders = [
    slider({ trait: "speed", label: "speed", min: 0, max: speeds.length - 1, step: 1, later: true, text: (i) => `${whole(speeds[i])}/s`,
      get: () => speeds.findIndex((/** @type {number} */ s) => s >= get("speed")), set: (i) => change({ speed: speeds[i] }) }),
    slider({ trait: "k", label: "steps k of D", step: 1, later: true, text: String }),
    ...["D", "G"].map((name, i) => slider({ trait: "lr", label: `rate of ${name}`, min: 0, max: notch(rates[1]), step: 1, later: true,
      get: () => notch(get("lr")[i]), set: (v) => change({ lr: get("lr").with(i, rate(v)) }), text: (v) => rate(v).toPrecision(2) })),
    slider({ trait: "data", label: "width of humps", limits: "width", step: 0.05, get: () => get("data")[0][2],
      set: (std) => change({ data: get("data").map((/** @type {Hump} */ [weight, mean]) => [weight, mean, std]) }) }),
  ];
  const loss = choice({ trait: "loss", label: "loss of G", options: LOSSES });
  const forgotten = () => RATE_OF_G[get("optimizer") === "adam" ? "sgd" : "adam"];
  let other = forgotten();
  const adam = toggle({ trait: "optimizer", label: "Adam for G", get: () => get("optimizer") === "adam", set(on) {
    const [ofD, ofG] = get("lr");
    change({ optimizer: on ? "adam" : "sgd", lr: [ofD, other] });
    other = ofG;
  } });
  /** @type {Hump[] | null} */
  let both = null;
  const humps = toggle({ trait: "data", label: "two humps", get: () => get("data").length === 2, set(on) {
    const data = get("data"), [, mean, std] = data[0];
    if (!on) both = data;
    const [[share], [rest, beside]] = both ?? [[0.5], [0.5, mean > 0 ? mean - 3 : mean + 3]];
    change({ data: on ? [[share, mean, std], [rest, beside, std]] : [[1, mean, std]] });
  } });

  body.append(
    box("gnb-above", keys, best.node),
    box("gnb-duel", plot.node, ...arrows.nodes),
    training.row(players, box("gnb-sliders", ...sliders.map(({ node }) => node)), box("gnb-controls", loss.node, adam.node, humps.node)),
  );
  return show(() => {
    const now = settings(), { data } = now, critic = now.loss === "wasserstein";
    keys.replaceChildren(key("hue-data", "data p(x)"), key("hue-model", "generator p", element("sub", {}, "g"), "(x)"),
      key("hue-own", critic ? "critic f(x), scaled" : "discriminator D(x)"));
    plot.levels(critic ? [[0.05, "f lowest"], [0.95, "f highest"]] : [[0.5, "D = \u00bd"], [1, "D = 1"]]);
    pushForward(G.forward(noise.knots, NOISE_CELLS + 1), noise.mass, q, -view, width);
    for (let i = 0; i < CELLS; i++) p[i] = width * density(data, xs[i]);
    logits.set(D.forward(cells, CELLS).subarray(0, CELLS));
    const low = Math.min(...logits), range = Math.max(...logits) - low;
    plot.line("data", xs, (_, i) => p[i] / width);
    plot.line("model", xs, (_, i) => q[i] / width);
    plot.line("own", xs, (_, i) => (critic ? 0.05 + 0.9 * (range > 1e-9 ? (logits[i] - low) / range : 0.5) : sigmoid(logits[i])));
    const known = xs.map((_, i) => i).filter((i) => p[i] + q[i] > 2e-3 * width), first = known[0] ?? 0;
    best.input.disabled = critic;
    plot.paths.best.setAttribute("visibility", asked && !critic && known.length ? "visible" : "hidden");
    plot.line("best", xs.slice(first, (known.at(-1) ?? 0) + 1), (_, i) => p[first + i] / (p[first + i] + q[first + i]));
    arrows.set(G.forward(zs, ARROWS));
    handles.forEach((node, i) => {
      if (data[i]) plot.put(node, data[i][1], Math.min(1, density(data, data[i][1])));
      node.hidden = !data[i];
    });
    if (!Number.isFinite(range)) training.stop();
    const time = performance.now(), seen = measure(p, q, logits);
    if (move.see(data, play.rounds, seen, critic)) rest = time + REST;
    if (training.playing && time - told <= TELL) return;
    told = time;
    readout.textContent = `${say(now, play.rounds, fresh, xs, q, seen)}${move.tell(critic)}`;
  });
}

export default { render };
