// @ts-check
// Contrastive divergence, a stage at a time, beside the exact distribution of the machine that learns.

import { box, element, key, number, svg, whole } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { random } from "../kit/maths.js";
import { stage } from "../kit/stage.js";
import { BARS, dataOf, divergence, H, leftShare, lesson, logProb, V, VISIBLE } from "./lesson.js";

const BUDGET = 8; // milliseconds of a frame that may go to learning

const STEP = 13.5, ROWS = [42, 94], CELL = 18, HEAVIEST = 4; // pixels, and the weight that fills a square
/** Where a unit lies in a row of visible ones: the halves apart. @param {number} i @param {number} size */
const along = (i, size) => i * size + (i < VISIBLE / 2 ? 0 : 4);

/** Units at the beginning or the end of a chain, and lines between pairs that are on together. @param {number} left @param {string} look */
function rung(left, look) {
  const at = [
    H[0].map((_, j) => [left + STEP * (2 * j + 1) - 3, ROWS[0]]),
    V[0].map((_, i) => [left + along(i, STEP) + 6, ROWS[1]]),
  ];
  const pairs = at[1].flatMap(([x2, y2], i) => at[0].map(([x1, y1], j) => ({ i, j, node: svg("line", { x1, y1, x2, y2 }) })));
  const [hidden, visible] = at.map((row) => row.map(([cx, cy]) => svg("circle", { cx, cy, r: 5.5 })));
  const title = svg("text", { x: left, y: 15 }, document.createTextNode(""));
  return {
    node: svg("g", { class: look }, title, ...pairs.map(({ node }) => node), ...hidden, ...visible),
    /** @param {string} name @param {number[] | null} v @param {number[] | null} h null while unknown */
    draw(name, v, h) {
      title.textContent = name;
      for (const [nodes, units] of /** @type {[SVGElement[], number[] | null][]} */ ([[hidden, h], [visible, v]])) nodes.forEach((node, u) => {
        node.classList.toggle("gnb-unknown", !units);
        node.classList.toggle("gnb-on", units?.[u] === 1);
      });
      for (const { i, j, node } of pairs) node.classList.toggle("gnb-together", v?.[i] === 1 && h?.[j] === 1);
    },
  };
}

/** The weights as squares, and frames around those that grew or shrank. @param {number} left */
function matrix(left) {
  const top = (ROWS[0] + ROWS[1] - 3 * CELL) / 2;
  const cells = V[0].flatMap((_, i) => H[0].map((_, j) => {
    const x = left + along(i, CELL), y = top + CELL * j, inside = CELL - 2.5;
    const frame = svg("rect", { x: x + 1.25, y: y + 1.25, width: inside, height: inside, class: "gnb-frame" });
    return { i, j, x: x + CELL / 2, y: y + CELL / 2, frame, square: svg("rect") };
  }));
  const title = svg("text", { x: left, y: 15 }, document.createTextNode("weights"));
  return {
    node: svg("g", { class: "gnb-weights" }, title, ...cells.flatMap(({ frame, square }) => [frame, square])),
    /** @param {import("./lesson.js").Machine} machine @param {import("./lesson.js").Machine | null} change */
    draw({ W }, change) {
      const most = Math.max(1e-9, ...(change?.W.flat().map(Math.abs) ?? []));
      for (const { i, j, x, y, frame, square } of cells) {
        const side = 11 * Math.min(1, Math.sqrt(Math.abs(W[i][j]) / HEAVIEST)), move = change?.W[i][j] ?? 0;
        const place = { x: x - side / 2, y: y - side / 2, width: side, height: side };
        for (const [name, value] of Object.entries(place)) square.setAttribute(name, value.toFixed(2));
        square.classList.toggle("gnb-against", W[i][j] < 0);
        frame.classList.toggle("gnb-against", move < 0);
        frame.style.strokeOpacity = (Math.abs(move) / most).toFixed(2);
      }
    },
  };
}

/** The stages of an update as a drawing. */
function ladder() {
  const plus = rung(14, "gnb-plus"), minus = rung(122, "gnb-minus"), weights = matrix(228);
  const arrow = svg("path", { d: "M99 45C114 50 102 88 114 93m-7 -1.5l7.5 1.5l-4 -6.5", class: "gnb-arrow" });
  const names = ["h", "v"].map((name, row) => svg("text", { x: 0, y: ROWS[row] + 4.5 }, document.createTextNode(name)));
  return {
    node: svg("svg", { viewBox: "0 0 340 106", class: "gnb-ladder", "aria-hidden": "true" }, ...names, plus.node, arrow, minus.node, weights.node),
    /** @param {ReturnType<typeof import("./lesson.js").lesson>} now @param {string} rule */
    draw(now, rule) {
      const own = rule === "chains go on", later = rule === "CD-5" ? "5 steps later" : "1 step later", { stage: seen } = now;
      plus.draw("+ example", seen > 0 ? V[now.v] : null, seen > 1 ? H[now.h] : null);
      minus.draw(`\u2212 ${own ? "own chain" : later}`, seen > 2 ? V[now.vk] : null, seen > 2 ? H[now.hk] : null);
      arrow.classList.toggle("gnb-unknown", own || seen < 3);
      weights.draw(now.machine, now.change);
    },
  };
}

const SAYS = [
  "Nothing learned yet.",
  "1 of 4: one of 50 examples on the visible units.",
  "2 of 4: hidden units drawn, given the example.",
  "3 of 4: a fantasy, where the chain is now.",
  "4 of 4: the update, + less \u2212, averaged over all 50.",
];

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, values, slider, choice, player, show } = stage(context);
  /** @returns {any} */
  const task = () => values("rule", "rate", "share");
  let school = lesson(random(1)), owed = 0;
  const run = player("Play", (ms) => {
    const end = performance.now() + BUDGET, now = task(), speed = get("speed");
    for (owed = Math.min(speed, owed + (ms * speed) / 1000); owed >= 1 && performance.now() < end; owed--) school.update(now);
  }, { step: ["One step", () => school.advance(task())], reset: () => ([school, owed] = [lesson(random(1)), 0]) });

  const picture = ladder();
  const plot = graph({
    x: [0, BARS.length], y: [0, 1], lines: ["model", "best"], fills: ["model"], look: "gnb-two-valleys",
    label: "Probability of the two patterns, of the states one flip away from each, and of all others together: of the data and of the machine.",
  });
  const motifs = BARS.map((all) => all.length > 1 ? box("gnb-motif", element("span", {}, "rest")) :
    box("gnb-motif", ...V[all[0]].map((on) => element("i", on ? { class: "gnb-on" } : {}))));
  body.append(
    box("gnb-contrast", picture.node,
      choice({ label: "negative phase", trait: "rule", options: get("limits").rules.map((/** @type {string} */ name) => [name, name]) }).node),
    box("gnb-keys", key("hue-best", "data"), key("hue-model", "machine, exactly")),
    plot.node,
    box("gnb-motifs", ...motifs),
    run.row([], box("gnb-sliders",
      slider({ label: "data on the left", trait: "share", step: 0.05 }).node,
      slider({ label: "rate", trait: "rate", step: 0.01, later: true }).node,
      slider({ label: "updates a second", trait: "speed", step: 1, later: true, text: whole }).node)),
  );
  return show(() => {
    const p = dataOf(get("share")), logQ = logProb(school.machine), q = logQ.map(Math.exp);
    const edges = BARS.flatMap((_, i) => [i + 0.12, i + 0.12, i + 0.88, i + 0.88]);
    const heights = (/** @type {number[]} */ of) => BARS.flatMap((all) => {
      const mass = all.reduce((sum, s) => sum + of[s], 0);
      return [0, mass, mass, 0];
    });
    plot.levels([[0, ""], [0.5, "\u00bd"]], [0, 0.86]);
    plot.line("best", edges, heights(p));
    plot.line("model", edges, heights(q));
    picture.draw(school, get("rule"));
    readout.textContent = `${SAYS[school.stage]}\nAfter ${whole(school.updates)} updates: KL divergence ${number(divergence(p, logQ), 3)} nats.\n` +
      `Mass on the left: machine ${number(leftShare(q))}, data ${number(leftShare(p))}.`;
  });
}

export default { render };
