// @ts-check
// A McCulloch–Pitts unit: what its inputs do to it, when it fires, and which function of them that is.

import { button, onKeys } from "../kit/controls.js";
import { box, element, svg } from "../kit/elements.js";
import { clamp } from "../kit/maths.js";
import { stage } from "../kit/stage.js";
import { NAMES, answer, soma } from "./soma.js";

const MOST = 6; // the highest threshold
const LINES = ["+2", "+1", "0", "veto"];
const ROWS = Array.from({ length: 8 }, (_, i) => [(i >> 2) & 1, (i >> 1) & 1, i & 1]);

/** @typedef {{name: string, outputs: number[], best: number}} Goal */
/** @typedef {ReturnType<typeof answer>} Answer */

/** @param {Answer} now @param {number} threshold */
function sayState({ count, vetoing, fires }, threshold) {
  if (vetoing.length) return `Vetoed by ${vetoing.join(", ")}: silent, whatever excites it.`;
  return `${count} active ${count === 1 ? "synapse" : "synapses"}, threshold ${threshold}: the unit ${fires ? "fires" : "is silent"}.`;
}

/** @param {number[]} outputs @param {Record<string, string>} names */
function sayFunction(outputs, names) {
  const name = names[outputs.join("")], ones = outputs.reduce((sum, one) => sum + one);
  return `It computes ${name ?? `a function that is true in ${ones} of 8 rows`}.`;
}

/** @param {number[]} outputs @param {Goal} goal */
function sayGoal(outputs, goal) {
  const right = outputs.filter((one, i) => one === goal.outputs[i]).length;
  if (right === 8) return "All 8 rows agree with the goal.";
  return `${right} of 8 rows agree${right === goal.best ? ": no unit of this kind does better" : " with the goal"}.`;
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, choice, show } = stage(context);
  const /** @type {Goal[]} */ goals = get("goals"), /** @type {Record<string, string>} */ names = get("names");
  const drawing = soma();
  const switches = NAMES.map((_, i) => button("", () => change({ inputs: get("inputs").with(i, 1 - get("inputs")[i]) })));
  const sources = NAMES.map((name, i) => box("gnb-source", switches[i], choice({
    label: `what ${name} does`, trait: "lines", options: LINES.map((line) => [line, line]),
    get: () => get("lines")[i], set: (line) => change({ lines: get("lines").with(i, line) }),
  }).node));

  const bar = svg("path", { class: "gnb-count" }), mark = svg("path", { class: "gnb-mark" }), active = element("span", { class: "gnb-value" });
  const scale = svg("svg", { viewBox: `0 0 ${MOST} 24`, preserveAspectRatio: "none", "aria-hidden": "true" }, bar, mark);
  const threshold = slider({ label: "threshold", trait: "threshold", min: 0, max: MOST, step: 1, text: String });

  const picks = ROWS.map((row) => element("button", { type: "button", "aria-label": `Inputs ${row.join(" ")}` }, row.join(" ")));
  const cells = ROWS.map(() => ["count", "unit", "goal", "agree"].map(() => element("td")));
  const rows = ROWS.map((inputs, i) => {
    const row = element("tr", {}, element("th", { scope: "row" }, picks[i]), ...cells[i]);
    row.addEventListener("click", () => change({ inputs }));
    return row;
  });
  const titles = ["a b c", "synapses", "unit", "goal", "agree"].map((title) => element("th", { scope: "col" }, title));
  const table = element("table", { class: "gnb-truth" }, element("thead", {}, element("tr", {}, ...titles)), element("tbody", {}, ...rows));
  const here = () => ROWS.findIndex((row) => row.join() === get("inputs").join());
  /** One row has the place of all in the order of the tab key. */
  const reach = () => picks.forEach((pick, i) => (pick.tabIndex = i === here() ? 0 : -1));
  const go = (/** @type {number} */ step) => () => {
    change({ inputs: ROWS[clamp(here() + step, 0, 7)] });
    reach();
    picks[here()].focus();
  };
  onKeys(table, { ArrowUp: go(-1), ArrowDown: go(1), Home: go(-8), End: go(8) });

  body.append(box("gnb-columns gnb-threshold",
    box("gnb-side",
      box("gnb-wires", box("gnb-sources", ...sources), drawing.node),
      box("gnb-scales", box("gnb-slider", element("span", { class: "gnb-label" }, "synapses"), element("span", { class: "gnb-track" }, scale), active), threshold.node),
      choice({ label: "goal", trait: "goal", options: goals.map(({ name }) => [name, name]) }).node),
    box("gnb-side", table)));
  return show(() => {
    const /** @type {string[]} */ lines = get("lines"), /** @type {number[]} */ inputs = get("inputs"), limit = get("threshold");
    const goal = /** @type {Goal} */ (goals.find(({ name }) => name === get("goal")));
    const all = ROWS.map((row) => answer(lines, limit, row)), now = all[here()], outputs = all.map(({ fires }) => Number(fires));
    drawing.draw(lines, limit, inputs);
    bar.setAttribute("d", `M0 12H${now.count}`);
    mark.setAttribute("d", `M${limit} 2V24`);
    active.textContent = String(now.count);
    switches.forEach((each, i) => {
      each.textContent = `${NAMES[i]} = ${inputs[i]}`;
      each.setAttribute("aria-pressed", String(inputs[i] === 1));
    });
    reach();
    all.forEach(({ count, vetoing }, i) => {
      const agrees = outputs[i] === goal.outputs[i];
      const texts = [vetoing.length ? `${count}, veto` : count, outputs[i], goal.outputs[i], agrees ? "\u2713" : "\u2717"];
      texts.forEach((text, j) => (cells[i][j].textContent = String(text)));
      rows[i].toggleAttribute("data-differs", !agrees);
      rows[i].toggleAttribute("data-fires", outputs[i] === 1);
      rows[i].setAttribute("aria-current", String(i === here()));
    });
    readout.textContent = [sayState(now, limit), sayFunction(outputs, names), sayGoal(outputs, goal)].join("\n");
  });
}

export default { render };
