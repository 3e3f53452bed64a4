// @ts-check
// A scrubber through the training of GANs on a ring of Gaussians: what becomes of the same noise, round by round.

import { box, element, key, note, palette, svg, whole } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { clamp } from "../kit/maths.js";
import { inkOf, readPoints, scatter, square } from "../kit/plane.js";
import { stage } from "../kit/stage.js";
import { timeline } from "../kit/timeline.js";

const SPEED = 6; // snapshots a second

/**
 * Which modes have a point within a radius, and which points lie in a mode.
 * @param {ArrayLike<number>} points x, y, x, y, …
 * @param {number[][]} centers
 * @param {number} radius
 */
export function modeCoverage(points, centers, radius) {
  const inside = new Uint8Array(points.length / 2);
  const reached = centers.map(([x, y]) => {
    let found = false;
    for (let i = 0; i < inside.length; i++) {
      if (Math.sqrt((points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2) > radius) continue;
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
 * @param {number} radius
 * @param {number} extent
 * @param {string} color
 * @param {string} label
 */
function ring(centers, radius, extent, color, label) {
  const circles = centers.map(([x, y]) => svg("circle", { cx: x, cy: -y, r: radius, class: "gnb-dashed" }));
  const points = scatter(extent);
  return {
    node: square(extent, circles, { role: "img", "aria-label": label }, points.canvas),
    /**
     * @param {ArrayLike<number>} before @param {ArrayLike<number>} after
     * @param {number} part how far from the one to the other
     * @param {ReturnType<typeof modeCoverage>} covered at the nearer snapshot
     * @param {[number, number, number]} ink
     */
    draw(before, after, part, covered, ink) {
      circles.forEach((circle, k) => circle.classList.toggle("gnb-reached", covered.reached[k]));
      const { context, pixel, small } = points.clear(), dot = (small ? 1.5 : 2) * pixel;
      const trails = new Path2D(), dots = [new Path2D(), new Path2D()];
      for (let i = 0; i < covered.inside.length; i++) {
        const fromX = before[2 * i], fromY = before[2 * i + 1], path = dots[covered.inside[i]];
        const x = fromX + part * (after[2 * i] - fromX), y = fromY + part * (after[2 * i + 1] - fromY);
        trails.moveTo(fromX, fromY);
        trails.lineTo(x, y);
        path.moveTo(x + dot, y);
        path.arc(x, y, dot, 0, 7);
      }
      context.strokeStyle = context.fillStyle = `rgb(${ink})`;
      context.lineWidth = pixel;
      context.globalAlpha = 0.18;
      context.stroke(trails);
      context.globalAlpha = 0.55;
      context.fill(dots[0]);
      context.globalAlpha = 0.9;
      context.fillStyle = color;
      context.fill(dots[1]);
    },
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const self = stage(context), { root, body, readout, get, values, show } = self;
  /** @type {{names: string[], rounds: number[], centers: number[][], extent: number, std: number}} */
  const { names, rounds, centers, extent, std } = values("names", "rounds", "centers", "extent", "std");
  const last = rounds.length - 1, radius = get("limits").within * std;
  const size = get("points").byteLength / (4 * names.length * rounds.length);
  const runs = names.map((name, k) => {
    const color = palette[k % palette.length], count = note("");
    const snapshots = rounds.map((_, t) => readPoints(get("points"), (k * rounds.length + t) * size, size));
    const covered = snapshots.map((points) => modeCoverage(points, centers, radius));
    const plane = ring(centers, radius, extent, color, `Samples of ${name}, and the modes of the data`);
    return { name, snapshots, covered, color, count, plane };
  });

  const ticks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last)))];
  const chart = graph({
    x: [0, Math.max(1, last)], y: [0, centers.length * 1.18], lines: names.map((_, k) => String(k)), look: "gnb-lower",
    ticks: ticks.map((t) => [t, whole(rounds[t])]),
    label: "Modes covered, for each run, over the rounds. Drag sideways to scrub; the slider does the same.",
  });
  chart.levels([[centers.length / 2, ""], [centers.length, `${centers.length} modes`]]);
  runs.forEach(({ covered, color }, k) => {
    const ends = covered.flatMap((_, t) => [clamp(t - 0.5, 0, last), clamp(t + 0.5, 0, last)]);
    chart.line(String(k), ends, (_, i) => covered[i >> 1].modes + 0.08 * (k - (runs.length - 1) / 2));
    chart.paths[String(k)].style.setProperty("--hue", color);
  });
  const cursor = chart.add("gnb-cursor");
  const time = timeline(self, { trait: "at", label: "round", names: rounds.map(whole), speed: SPEED, between: true });
  chart.drag((at) => time.seek(clamp(at, 0, last)));

  body.append(
    box("gnb-rings", ...runs.map(({ name, color, count, plane }) => {
      const title = key("hue-run", name);
      title.style.setProperty("--hue", color);
      return box("gnb-figure", box("gnb-heading", title, count), plane.node);
    })),
    box("gnb-above", "modes covered"),
    box("gnb-sideways", chart.node),
    time.row(),
  );
  return show(() => {
    const at = get("at"), from = Math.max(0, Math.ceil(at) - 1), near = Math.round(at), ink = inkOf(root);
    for (const { snapshots, covered, plane, count } of runs) {
      plane.draw(snapshots[from], snapshots[Math.ceil(at)], at - from, covered[near], ink);
      count.textContent = `${covered[near].modes} of ${centers.length} modes`;
    }
    chart.put(cursor, at);
    readout.textContent = `Round ${whole(rounds[near])}\n` + runs.map(({ name, covered }) =>
      `${name}: ${covered[near].modes} of ${centers.length} modes, ${Math.round(100 * covered[near].share)} % of samples within 3\u03c3`).join("\n");
  });
}

export default { render };
