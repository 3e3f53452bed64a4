// @ts-check
// Scrub through snapshots, or play them.

import { box } from "./elements.js";

/**
 * A row with a slider over the snapshots of a trait.
 * @param {ReturnType<import("./stage.js").stage>} stage
 * @param {{trait: string, label: string, names: string[], speed: number, between?: boolean}} options
 *   the name of each snapshot, snapshots a second, and whether to stop between them unless the reader wants no motion
 */
export function timeline({ get, change, player, slider }, { trait, label, names, speed, between = false }) {
  const last = names.length - 1;
  let at = 0, moves = false;
  const { row, stop } = player(
    "Play the training",
    (ms) => {
      at = Math.min(last, at + (speed * ms) / 1000);
      change({ [trait]: moves ? at : Math.floor(at) });
      if (at === last) stop();
    },
    {
      step: ["Next", () => change({ [trait]: get(trait) === last ? 0 : Math.floor(get(trait)) + 1 })],
      begin() {
        moves = between && !matchMedia("(prefers-reduced-motion: reduce)").matches;
        change({ [trait]: (at = get(trait) === last ? 0 : get(trait)) });
      },
      end: () => change({ [trait]: Math.round(get(trait)) }),
    },
  );
  const seek = (/** @type {number} */ v) => (stop(), change({ [trait]: v }));
  const time = slider({
    label, trait, min: 0, max: last, step: 1, get: () => Math.round(get(trait)), set: seek, text: (i) => names[i],
  });
  return { seek, /** @param {Node[]} settings */ row: (...settings) => row([], box("gnb-sliders", time.node, ...settings)) };
}
