// @ts-check
// The duel in words: what is going on, and who answered when the data moved.

import { number } from "../kit/elements.js";

/** @typedef {ReturnType<typeof import("./game.js").measure>} Measured */

const AGREE = 0.1; // total variation below which two densities look alike
const MOVED = 0.1; // rise of the total variation that makes a move worth telling

/**
 * What is happening, every word of it from something measured.
 * @param {import("./game.js").Settings} settings
 * @param {number} rounds
 * @param {boolean} fresh whether nobody has learned yet
 * @param {number[]} xs cells of the axis
 * @param {Float64Array} q mass of the generator in each
 * @param {Measured} measured
 */
export function say({ data, loss, optimizer }, rounds, fresh, xs, q, { value, gap, distance, right, fooled, seen, told }) {
  const critic = loss === "wasserstein";
  const start = `round ${rounds.toLocaleString("en")}   ` +
    (critic ? `E f(x) \u2212 E f(G(z)) = ${number(gap, 3)}` : `V(D, G) = ${number(value)} nats`) +
    `   total variation ${number(distance)}\n`;
  if (!Number.isFinite(value)) return "The numbers have grown beyond all bounds. Reset, and take smaller rates.";
  if (fresh) return `${start}Nobody has learned anything yet. Play, or take one round at a time.`;
  const lost = 1 - q.reduce((a, b) => a + b);
  if (lost > 0.05) return `${start}G sends ${percent(lost)} of its samples beyond this picture.`;
  const empty = deserted(data, xs, q);
  if (empty >= 0) return `${start}Mode collapse: hardly any z goes to the hump around x = ${number(data[empty][1], 1)}.`;
  if (critic) {
    if (distance < AGREE) return `${start}The densities nearly agree.`;
    const share = `its gap is ${percent(Math.max(0, told))} of what a critic no steeper could reach.`;
    return start + (told < 0.3 ? `The densities differ, but the critic hardly shows where: ${share}`
      : `The critic shows G the way: ${share}`);
  }
  if (fooled < 0.03) {
    const sure = `${start}D is sure: D(G(z)) = ${fooled.toPrecision(1)} on average`;
    if (loss === "non-saturating") return `${sure}. But 1 \u2212 D(G(z)), the slope of this loss, is almost 1.`;
    return `${sure}, and so small is the minimax slope. ` +
      (optimizer === "adam" ? "Adam enlarges it." : "G hardly moves.");
  }
  const hits = `right about ${percent(right)} of the samples, the best D would be about ${percent((1 + distance) / 2)}.`;
  if (distance < AGREE) return `${start}The densities nearly agree. D is ${hits}`;
  if (seen < 0.3) return `${start}The densities differ, but D hardly sees it: ${hits}`;
  return `${start}D is ${hits} G moves them up D's slope.`;
}

const percent = (/** @type {number} */ share) => `${Math.round(100 * share)}%`;

/** The hump that the generator leaves out, or -1. @param {import("./game.js").Hump[]} data @param {number[]} xs @param {Float64Array} q */
function deserted(data, xs, q) {
  if (data.length < 2 || Math.abs(data[0][1] - data[1][1]) < 2 * (data[0][2] + data[1][2])) return -1;
  const shares = data.map(([weight, mean, std]) =>
    q.reduce((sum, mass, i) => sum + (Math.abs(xs[i] - mean) < 2 * std ? mass / weight : 0), 0));
  return Math.max(...shares) > 1 ? shares.findIndex((share) => share < 0.15) : -1;
}

/** Who answers a move of the data, and how many rounds later. What moves between two rounds is one move. */
export function witness() {
  /** @type {{round: number, from: number, to: number, saw: number, followed: number} | null} */
  let move = null;
  let place = "", before = 1;
  return {
    /**
     * Look once more; return whether the data have moved since.
     * @param {import("./game.js").Hump[]} data @param {number} rounds @param {Measured} measured @param {boolean} critic
     */
    see(data, rounds, { distance, seen, told }, critic) {
      const now = String(data), moved = place !== "" && now !== place;
      if (moved) {
        const from = move?.round === rounds ? move.from : before;
        move = { round: rounds, from, to: distance, saw: -1, followed: -1 };
      } else if (move && rounds < move.round) {
        move = null;
      } else if (move) {
        if (move.saw < 0 && (critic ? told : seen) >= 0.5) move.saw = rounds - move.round;
        if (move.followed < 0 && distance <= (move.from + move.to) / 2) move.followed = rounds - move.round;
      }
      [place, before] = [now, distance];
      return moved;
    },
    /** @param {boolean} critic */
    tell(critic) {
      if (!move || move.round === 0 || !(move.to - move.from >= MOVED)) return "";
      const after = (/** @type {number} */ n) => (n === 0 ? "at once" : `after ${n} round${n === 1 ? "" : "s"}`);
      const who = critic ? "the critic" : "D";
      return `\nYou changed the data at round ${move.round.toLocaleString("en")}: ` +
        (move.saw < 0 ? `${who} does not see it yet, ` : `${who} saw half of the change ${after(move.saw)}, `) +
        (move.followed < 0 ? "G has not made up half of it." : `G made up half of it ${after(move.followed)}.`);
    },
  };
}
