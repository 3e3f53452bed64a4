// @ts-check
// Scrub through snapshots, or play them.

/**
 * A button and a slider over the snapshots of a trait.
 * @param {ReturnType<import("./stage.js").stage>} stage
 * @param {{trait: string, label: string, names: string[], speed: number, between?: boolean}} options
 *   the name of each snapshot, snapshots a second, and whether to stop between them unless the reader wants no motion
 */
export function timeline({ get, change, player, slider }, { trait, label, names, speed, between = false }) {
  const last = names.length - 1;
  let at = 0, moves = false;
  const play = player(
    "Play the training",
    (ms) => {
      at = Math.min(last, at + (speed * ms) / 1000);
      change({ [trait]: moves ? at : Math.floor(at) });
      if (at === last) play.stop();
    },
    {
      begin() {
        moves = between && !matchMedia("(prefers-reduced-motion: reduce)").matches;
        change({ [trait]: (at = get(trait) === last ? 0 : get(trait)) });
      },
      end: () => change({ [trait]: Math.round(get(trait)) }),
    },
  );
  const seek = (/** @type {number} */ v) => (play.stop(), change({ [trait]: v }));
  const time = slider({
    label, min: 0, max: last, step: 1, get: () => Math.round(get(trait)), set: seek, text: (i) => names[i],
  });
  return { button: play.node, slider: time.node, seek };
}
