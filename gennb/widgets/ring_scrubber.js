// @ts-check
// A scrubber through the training of GANs on a ring of Gaussians: what becomes of the same noise, round by round.

import { graph } from "./curves.js";
import { button, element, frame, inkOf, painter, palette, slider, svg, watchTheme } from "./controls.js";
import { draggable } from "./drag.js";

const LEVELS = 4095; // of a coordinate: twelve bits
const WITHIN = 3; // standard deviations
const SPEED = 5; // snapshots a second

/**
 * Coordinates as stored by Python: two of twelve bits in three bytes.
 * @param {DataView} view
 * @param {number} extent
 */
export function readPoints(view, extent) {
  const points = new Float64Array((2 * view.byteLength) / 3);
  for (let i = 0, at = 0; at < view.byteLength; at += 3, i += 2) {
    const first = view.getUint8(at), shared = view.getUint8(at + 1), last = view.getUint8(at + 2);
    points[i] = (2 * extent * ((first << 4) | (shared >> 4))) / LEVELS - extent;
    points[i + 1] = (2 * extent * (((shared & 15) << 8) | last)) / LEVELS - extent;
  }
  return points;
}

/**
 * Which modes have a point within three standard deviations, and which points lie in a mode.
 * @param {Float64Array} points x, y, x, y, …
 * @param {number[][]} centers
 * @param {number} std
 */
export function modeCoverage(points, centers, std) {
  const inside = new Uint8Array(points.length / 2);
  const reached = centers.map(([x, y]) => {
    let found = false;
    for (let i = 0; i < inside.length; i++) {
      if (Math.sqrt((points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2) > WITHIN * std) continue;
      inside[i] = 1;
      found = true;
    }
    return found;
  });
  const modes = reached.filter(Boolean).length;
  return { inside, reached, modes, share: inside.reduce((sum, one) => sum + one, 0) / inside.length };
}

/**
 * The plane of one run: its modes, and its points between two snapshots.
 * @param {number[][]} centers
 * @param {number} std
 * @param {number} extent
 * @param {string} color
 * @param {string} label
 */
function ring(centers, std, extent, color, label) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const circles = centers.map(([x, y]) => svg("circle", { cx: x, cy: -y, r: WITHIN * std, class: "gnb-mode" }));
  const under = svg("svg", { viewBox: `${-extent} ${-extent} ${2 * extent} ${2 * extent}`, "aria-hidden": "true" }, ...circles);
  const node = element("div", { class: "gnb-plane", role: "img", "aria-label": label }, under, canvas);
  return {
    node,
    canvas,
    /**
     * @param {Float64Array} before @param {Float64Array} after
     * @param {number} part how far from the one to the other
     * @param {ReturnType<typeof modeCoverage>} covered at the nearer snapshot
     * @param {[number, number, number]} ink
     */
    draw(before, after, part, covered, ink) {
      circles.forEach((circle, k) => circle.classList.toggle("gnb-reached", covered.reached[k]));
      const side = canvas.clientWidth || 300, ratio = devicePixelRatio || 1;
      canvas.width = canvas.height = Math.round(side * ratio);
      const unit = canvas.width / (2 * extent), radius = (side < 240 ? 1.5 : 2) * ratio;
      const paths = [new Path2D(), new Path2D()], trails = new Path2D();
      for (let i = 0; i < covered.inside.length; i++) {
        const [fromX, fromY, toX, toY] = [before[2 * i], before[2 * i + 1], after[2 * i], after[2 * i + 1]];
        const x = (extent + fromX + part * (toX - fromX)) * unit, y = (extent - fromY - part * (toY - fromY)) * unit;
        trails.moveTo((extent + fromX) * unit, (extent - fromY) * unit);
        trails.lineTo(x, y);
        const path = paths[covered.inside[i]];
        path.moveTo(x + radius, y);
        path.arc(x, y, radius, 0, 7);
      }
      context.strokeStyle = context.fillStyle = `rgb(${ink})`;
      context.globalAlpha = 0.18;
      context.lineWidth = ratio;
      context.stroke(trails);
      context.globalAlpha = 0.55;
      context.fill(paths[0]);
      context.globalAlpha = 0.9;
      context.fillStyle = color;
      context.fill(paths[1]);
    },
  };
}

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  /** @type {string[]} */
  const names = model.get("names");
  /** @type {number[]} */
  const rounds = model.get("rounds");
  /** @type {number[][]} */
  const centers = model.get("centers");
  const std = model.get("std"), extent = model.get("extent"), last = rounds.length - 1;
  const all = readPoints(model.get("points"), extent), size = all.length / (names.length * rounds.length);
  const runs = names.map((name, k) => {
    const snapshots = rounds.map((_, t) => all.subarray((k * rounds.length + t) * size, (k * rounds.length + t + 1) * size));
    const color = palette[k % palette.length];
    const covered = snapshots.map((points) => modeCoverage(points, centers, std));
    const note = element("span", { class: "gnb-note" });
    return { name, snapshots, covered, color, note, plane: ring(centers, std, extent, color, `Samples of ${name}, and the modes of the data`) };
  });

  const ticks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last)))];
  const chart = graph({
    x: [0, Math.max(1, last)], y: [0, centers.length * 1.18], lines: names.map((_, k) => String(k)),
    ticks: ticks.map((t) => [t, rounds[t].toLocaleString("en")]),
    label: "Modes covered, for each run, over the rounds. Drag sideways to scrub; the slider does the same.",
  });
  chart.levels([[centers.length / 2, ""], [centers.length, `${centers.length} modes`]]);
  runs.forEach(({ covered, color }, k) => {
    const steps = covered.flatMap(({ modes }, t) => [[t - 0.5, modes], [t + 0.5, modes]]);
    chart.line(String(k), steps.map(([t]) => Math.min(last, Math.max(0, t))), steps.map(([, modes]) => modes + 0.08 * (k - (runs.length - 1) / 2)));
    chart.paths[String(k)].style.setProperty("--hue", color);
  });
  const cursor = element("span", { class: "gnb-cursor", "aria-hidden": "true" });
  chart.plot.append(cursor);

  const draw = () => {
    const at = model.get("at"), from = Math.max(0, Math.ceil(at) - 1), near = Math.round(at), ink = inkOf(root);
    for (const { snapshots, covered, plane, note } of runs) {
      plane.draw(snapshots[from], snapshots[Math.ceil(at)], at - from, covered[near], ink);
      note.textContent = `${covered[near].modes} of ${centers.length} modes`;
    }
    chart.put(cursor, at);
    readout.textContent = `Round ${rounds[near].toLocaleString("en")}\n` + runs.map(({ name, covered }) =>
      `${name}: ${covered[near].modes} of ${centers.length} modes, ${Math.round(100 * covered[near].share)} % of samples within 3\u03c3`).join("\n");
  };
  const repaint = painter(root, draw);

  /** @param {number} at */
  const change = (at) => (model.set("at", at), model.save_changes());
  const seek = (/** @type {number} */ at) => (stop(), change(at));
  const time = slider(
    { label: "round", min: 0, max: last, step: 1, value: model.get("at"), text: (t) => rounds[t].toLocaleString("en") },
    seek,
  );
  draggable(chart.plot, (a) => seek(Math.min(last, Math.max(0, chart.at(a, 0)[0]))));

  let timer = 0;
  const stop = () => {
    if (timer) change(Math.round(model.get("at")));
    cancelAnimationFrame(timer);
    timer = 0;
    play.textContent = "Play the training";
    readout.setAttribute("aria-live", "polite");
  };
  const play = button("Play the training", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    readout.setAttribute("aria-live", "off");
    const whole = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let at = model.get("at") >= last ? 0 : model.get("at"), then = performance.now();
    change(at);
    /** @param {number} now */
    const step = (now) => {
      at = Math.min(last, at + (SPEED * Math.max(0, now - then)) / 1000);
      then = now;
      change(whole ? Math.floor(at) : at);
      if (!root.isConnected || at >= last) return stop();
      timer = requestAnimationFrame(step);
    };
    timer = requestAnimationFrame(step);
  });

  const figures = runs.map(({ name, color, note, plane }) => {
    const title = element("span", { class: "gnb-key" }, name);
    title.style.setProperty("--accent", color);
    return element("div", { class: "gnb-figure" }, element("div", { class: "gnb-heading" }, title, note), plane.node);
  });
  body.append(
    element("div", { class: "gnb-rings" }, ...figures),
    element("div", { class: "gnb-above" }, "modes covered"),
    element("div", { class: "gnb-sideways gnb-lower" }, chart.node),
    element("div", { class: "gnb-controls gnb-transport" }, play, time.node),
  );

  const changed = () => {
    time.set(Math.round(model.get("at")));
    repaint();
  };
  const resized = new ResizeObserver(repaint);
  resized.observe(runs[0].plane.node);
  const unwatch = watchTheme(root, repaint);
  model.on("change:at", changed);
  repaint();
  return () => {
    stop();
    resized.disconnect();
    unwatch();
    model.off("change:at", changed);
  };
}

export default { render };
