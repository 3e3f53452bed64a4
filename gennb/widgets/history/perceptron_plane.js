// @ts-check
// Rosenblatt's perceptron in the plane: a line that moves at each mistake, until there is none, or forever.

import { button, onKeys } from "../kit/controls.js";
import { draggable } from "../kit/drag.js";
import { box, element, key, note, number, svg, whole } from "../kit/elements.js";
import { clamp } from "../kit/maths.js";
import { arrows, square } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { begin, bounds, step, wrong } from "./perceptron.js";

/** @typedef {import("./perceptron.js").Vector} Vector */

const EXTENT = 1.15; // the points keep to 1
const GRIP = 24; // pixels from a point within which it is taken
const MOST = 200; // mistakes in a frame
const ARROW = 0.3;

/** @param {number[]} place */
const at = ([x, y]) => `${x.toFixed(4)} ${(-y).toFixed(4)}`;

/** @param {Vector} point @param {number} r */
const ring = ([x, y], r) => `M${at([x - r, y])}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

/** The line where wᵀx + b = 0, both its sides, and its normal. @param {Vector} w */
export function halves([a, b, c]) {
  const length = Math.hypot(a, b), everything = "M-2 -2h4v4h-4z";
  if (length === 0) return { line: "", plus: c > 0 ? everything : "", minus: c < 0 ? everything : "", normal: "" };
  const [u, v, far] = [a / length, b / length, -c / length], reach = Math.abs(far) + 4;
  const place = (/** @type {number} */ along, /** @type {number} */ up) => [up * u - along * v, up * v + along * u];
  const line = `M${at(place(-reach, far))}L${at(place(reach, far))}`;
  const side = (/** @type {number} */ to) => `${line}L${at(place(reach, far + to))}L${at(place(-reach, far + to))}Z`;
  return { line, plus: side(reach), minus: side(-reach), normal: arrows([[place(0, far), place(0, far + ARROW)]], 0.08) };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, change, slider, choice, player, show } = stage(context);
  const { presets, grid } = get("limits"), names = Object.keys(presets);
  /** @returns {Vector[]} */
  const points = () => get("points"), chosen = () => Math.min(get("chosen"), points().length - 1);
  const [same, snap] = [JSON.stringify, (/** @type {number} */ v) => clamp(Math.round(grid * v) / grid, -1, 1)];

  const put = (/** @type {Vector} */ point) => change({ points: points().with(chosen(), point) });
  const move = (/** @type {number} */ x, /** @type {number} */ y) => put([snap(x), snap(y), points()[chosen()][2]]);
  const flip = () => (([x, y, sign]) => put([x, y, -sign]))(points()[chosen()]);
  const choose = (/** @type {number} */ by) => () => change({ chosen: (chosen() + by + points().length) % points().length });

  let now = begin(points()), limit = bounds(points()), known = "", owed = 0;
  const run = player("Play", (ms) => {
    if (held()) return;
    owed = Math.min(MOST, owed + (ms * get("speed")) / 1000);
    for (; owed >= 1; owed--) if (!step(now)) return run.stop();
  }, {
    step: ["Next mistake", () => step(now)],
    begin: () => ((owed = 1), wrong(now) || (now = begin(points()))),
    reset: () => (known = ""),
  });

  const looks = ["plus", "minus", "before", "line", "normal", "chosen", "wrong"];
  const paths = Object.fromEntries(looks.map((look) => [look, svg("path", { class: `gnb-perceptron-${look}` })]));
  const plane = square(EXTENT, Object.values(paths), {
    class: "gnb-perceptron", tabindex: 0, role: "application", "aria-roledescription": "plane",
    "aria-label": "The points. The arrow keys move the chosen one, with Shift faster; N chooses the next, Shift and N the one before; F flips its class.",
  });
  const most = Math.max(points().length, ...names.map((name) => presets[name].length));
  const dots = Array.from({ length: most }, (_, i) => element("span", { class: "gnb-dot gnb-sample", "aria-hidden": "true" }, `${i + 1}`));
  plane.append(...dots);
  let aside = [0, 0];
  const held = draggable(plane, (right, down, first) => {
    const x = EXTENT * (2 * right - 1), y = EXTENT * (1 - 2 * down);
    if (first) {
      const far = points().map(([a, b]) => Math.hypot(a - x, b - y)), nearest = far.indexOf(Math.min(...far));
      const taken = (far[nearest] * plane.clientWidth) / (2 * EXTENT) < GRIP;
      if (taken) change({ chosen: nearest });
      aside = taken ? [points()[nearest][0] - x, points()[nearest][1] - y] : [0, 0];
    }
    move(x + aside[0], y + aside[1]);
  });
  const by = (/** @type {number} */ right, /** @type {number} */ up) => (/** @type {boolean} */ shift) => {
    const far = shift ? 1 / 8 : 1 / 32, [x, y] = points()[chosen()];
    move(x + far * right, y + far * up);
  };
  onKeys(plane, {
    ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, 1), ArrowDown: by(0, -1),
    n: choose(1), N: choose(-1), f: flip, F: flip,
  });

  const which = note("");
  which.setAttribute("aria-live", "polite");
  body.append(
    box("gnb-learning", plane, box("gnb-beside-plane",
      box("gnb-keys", key("class-plus", "+1"), key("class-minus", "\u22121"), key("hue-own", "w·x + b = 0, and w"), key("hue-best", "before its last step"), key("ring", "was wrong")),
      choice({
        label: "points", trait: "points", options: names.map((name) => [name, name]),
        get: () => names.find((name) => same(presets[name]) === same(points())) ?? "", set: (name) => change({ points: presets[name], chosen: 0 }),
      }).node,
      box("gnb-flip", button("Flip class", flip), which),
      element("p", { class: "gnb-shortcuts" }, "In the plane the arrow keys move a point, N chooses the next, F flips it."))),
    run.row([], box("gnb-sliders", slider({
      label: "mistakes a second", trait: "speed", min: 0, max: 3, step: 0.1, later: true,
      get: () => Math.log10(get("speed")), set: (v) => change({ speed: Math.round(10 ** v) }), text: (v) => whole(Math.round(10 ** v)),
    }).node)),
  );
  return show(() => {
    const all = points(), news = same(all), [x, y, sign] = all[chosen()], pixel = (2 * EXTENT) / (plane.clientWidth || 300);
    if (news !== known) [known, now, limit] = [news, begin(all), bounds(all)];
    const drawn = {
      ...halves(now.w), before: now.mistakes ? halves(now.before).line : "",
      chosen: ring([x, y], 15 * pixel), wrong: now.mistakes ? ring(all[now.last], 18 * pixel) : "",
    };
    for (const [look, d] of Object.entries(drawn)) paths[look].setAttribute("d", d);
    dots.forEach((dot, i) => {
      const [a, b, label] = all[i] ?? [0, 0, 0];
      dot.style.cssText = `left:${50 + (50 * a) / EXTENT}%;top:${50 - (50 * b) / EXTENT}%`;
      dot.classList.toggle("gnb-class-minus", label < 0);
      dot.hidden = i >= all.length;
    });
    which.textContent = `Chosen: point ${chosen() + 1}, class ${sign > 0 ? "+1" : "\u22121"}, (${number(x)}, ${number(y)})`;
    readout.textContent = say(now, limit);
  });
}

/** @param {import("./perceptron.js").Learner} now @param {ReturnType<typeof bounds>} limit */
function say(now, { radius, margin }) {
  const { w: [a, b, c], mistakes, last, period, all } = now, left = wrong(now);
  const count = mistakes === 0 ? "No mistake yet: w = 0 and b = 0, and a point on the boundary counts as wrong." :
    `${whole(mistakes)} mistake${mistakes > 1 ? "s" : ""}, the last at point ${last + 1}: w = (${number(a)}, ${number(b)}), b = ${number(c)}.`;
  const bound = margin > 0 ? `At most (R/\u03b3)\u00b2 = ${whole(Math.floor((radius / margin) ** 2))} mistakes: R = ${number(radius)}, \u03b3 = ${number(margin, 3)}.` :
    "No line separates them: there is no bound.";
  const end = left === 0 ? "A whole pass without a mistake: the line separates them." :
    period ? `The weights are where they were ${whole(period)} mistakes ago: it goes around forever.` : `${left} of ${all.length} points are wrong now.`;
  return `${count}\n${bound}\n${end}`;
}

export default { render };
