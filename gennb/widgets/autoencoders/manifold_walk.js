// @ts-check
// The chain that corrupts and denoises by turns, over a density in the plane, with the field that it follows.

import { box, element, key, number, svg, whole } from "../kit/elements.js";
import { clamp, random } from "../kit/maths.js";
import { unpackNetwork } from "../kit/network.js";
import { walk } from "../kit/pad.js";
import { arrows, inkOf, picture, readBytes, readPoints, scatter, square } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { fieldOf, meet, step } from "./walk.js";

const KEPT = 20000; // states whose dots can be drawn again
const MOST = 100; // steps in a frame
const FAR = 1e6; // where a chain that a bad denoiser drives away ends

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { root, body, readout, get, change, slider, choice, player, show } = stage(context);
  const extent = get("extent"), points = readPoints(get("points")), count = points.length / 2, near = get("near");
  const { columns, cut } = get("limits"), noises = get("noise_stds"), residuals = get("residual_stds");
  let taken = 0;
  /** @type {import("./walk.js").Denoiser[]} */
  const denoisers = get("networks").map((/** @type {any} */ spec) => {
    const { run, bytes } = unpackNetwork(spec, get("weights"), taken);
    taken += bytes;
    return run;
  });
  const chosen = () => Math.round(get("chosen"));

  const data = scatter(extent), dots = scatter(extent);
  const met = new Uint8Array(count), trail = new Float32Array(2 * KEPT);
  let brush = /** @type {CanvasRenderingContext2D} */ (dots.canvas.getContext("2d")), known = "", dice = random(1), steps = 0, painted = 0, owed = 0, last = /** @type {ReturnType<typeof step> | null} */ (null);
  const now = () => /** @type {import("./walk.js").Point} */ (last?.to ?? get("start"));
  const once = () => {
    if (!(Math.hypot(...now()) < FAR)) return;
    last = step(denoisers[chosen()], now(), noises[chosen()], residuals[chosen()], dice.normal);
    meet(points, met, last.to, near);
    trail.set(last.to, 2 * (steps++ % KEPT));
  };
  const run = player("Play", (ms) => {
    if (held()) return; // it waits in the reader's hand
    owed = Math.min(MOST, owed + (ms * get("speed")) / 1000);
    for (; owed >= 1; owed--) once();
  }, { step: ["One step", once], reset: () => (known = "") });

  const names = ["field", "corrupt", "denoise", "draw"], paths = names.map((name) => svg("path", { class: `gnb-walk-${name}` }));
  const side = Math.sqrt(get("shades").byteLength);
  const shades = picture([1, side || 1, side || 1], null), handle = element("span", { class: "gnb-dot gnb-handle gnb-state", "aria-hidden": "true" });
  shades.canvas.className = "gnb-images gnb-shades";
  const plane = square(extent, paths, {
    class: "gnb-walk", tabindex: 0, role: "application", "aria-roledescription": "plane",
    "aria-label": "The plane of the data. The arrow keys move the chain's state, with Shift faster; Home takes it to the middle.",
  }, shades.canvas, data.canvas, dots.canvas);
  plane.append(handle);
  const move = (/** @type {number[]} */ x) => change({ start: x.map((v) => clamp(Math.round(v * 1000) / 1000, -extent, extent)) });
  const held = walk(plane, extent, { get: now, set: move, small: extent / 40, big: extent / 8 });

  const widths = noises.map((/** @type {number} */ std, /** @type {number} */ i) => [String(i), String(std)]);
  body.append(
    box("gnb-walking", plane, box("gnb-beside",
      box("gnb-keys",
        key("walk-field", "field: from x toward r(x)"), key("walk-corrupt", "corrupt: x̃ = x + σ ε"),
        key("walk-denoise", "denoise: r(x̃)"), key("walk-draw", "draw: x ← r(x̃) + s ε′")),
      ...(noises.length > 1 ? [choice({ label: "noise σ", trait: "chosen", options: widths, get: () => String(chosen()), set: (v) => change({ chosen: Number(v) }) }).node] : []))),
    run.row([],
      box("gnb-sliders", slider({
        label: "steps a second", trait: "speed", min: 0, max: 3, step: 0.1, later: true,
        get: () => Math.log10(get("speed")), set: (v) => change({ speed: Math.round(10 ** v) }), text: (v) => whole(Math.round(10 ** v)),
      }).node)),
  );
  return show((look) => {
    const ink = inkOf(root), news = JSON.stringify([get("start"), chosen()]), anew = known !== news, r = denoisers[chosen()];
    if (anew) {
      [known, dice, steps, owed, last] = [news, random(1), 0, 0, null];
      met.fill(0);
      paths[0].setAttribute("d", arrows(fieldOf(r, extent, columns, cut), extent / 40));
    }
    if (look && side) shades.draw(Float32Array.from(readBytes(get("shades")), (v) => v / 255), ink);
    const { context, pixel } = data.clear();
    context.fillStyle = `rgb(${ink})`;
    for (let i = 0; i < count; i++) {
      context.globalAlpha = met[i] ? 0.9 : 0.3;
      context.beginPath();
      context.arc(points[2 * i], points[2 * i + 1], (met[i] ? 2.3 : 1.7) * pixel, 0, 7);
      context.fill();
    }
    if (look || anew) [brush, painted] = [dots.clear().context, Math.max(0, steps - KEPT)];
    brush.fillStyle = `rgb(${inkOf(handle)})`;
    brush.globalAlpha = 0.4;
    for (; painted < steps; painted++) {
      const at = 2 * (painted % KEPT);
      brush.fillRect(trail[at] - pixel, trail[at + 1] - pixel, 2 * pixel, 2 * pixel);
    }
    const [x, y] = now(), from = last?.corrupted ?? [x, y], [a, b] = last?.denoised ?? Array.from(r([x, y]));
    paths[1].setAttribute("d", last ? arrows([[last.from, last.corrupted]], 0) : "");
    paths[2].setAttribute("d", arrows([[from, [a, b]]], extent / 20));
    paths[3].setAttribute("d", last ? arrows([[last.denoised, last.to]], 0) : "");
    handle.style.cssText = `left:${50 + (50 * x) / extent}%;top:${50 - (50 * y) / extent}%`;
    const place = `x = (${number(x)}, ${number(y)})`, seen = met.reduce((sum, one) => sum + one, 0);
    readout.textContent = last
      ? `Step ${whole(steps)}: ${place}, squared length of the step ${number((x - last.from[0]) ** 2 + (y - last.from[1]) ** 2, 3)}.\n` +
        `It has come within ${near} of ${whole(seen)} of ${whole(count)} points.`
      : `The chain has not moved yet: ${place}.\nThe denoiser would take this place to r(x) = (${number(a)}, ${number(b)}).`;
  });
}

export default { render };
