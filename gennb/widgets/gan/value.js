// @ts-check
// The value of the game over one dimension: of the reader's discriminator, and of the best one.

import { clamp, logNormal, logSum, softplus } from "../kit/maths.js";

const FAR = 16; // the integrals run from -FAR to FAR
const CELLS = 1600;

/**
 * The reader's settings; the limits say where the handles end, how far two humps are from their mean, and after which
 * bend of the logit D is 0 or 1 in floating point.
 * @typedef {{data: number[], model: number[], two: boolean, learned: number[], bend: number[],
 *   limits: {view: number, apart: number, certain: number}}} State
 */

/** @param {number} x @param {number[]} data @param {boolean} two @param {number} apart */
export const logData = (x, [mean, std], two, apart) =>
  two ? logSum(logNormal(x, mean - apart, std), logNormal(x, mean + apart, std)) - Math.LN2 : logNormal(x, mean, std);

/** Logit of the best D at x, log p_data − log p_g. @param {number} x @param {number[]} data @param {number[]} model @param {boolean} two @param {number} apart */
export const bestLogit = (x, data, [mean, std], two, apart) => logData(x, data, two, apart) - logNormal(x, mean, std);

/**
 * Logit of the reader's D: of the densities that it learned, if any, and a bend, straight between the handles.
 * @param {number} x
 * @param {State} state
 */
export function logit(x, { learned, bend, limits: { view, apart } }) {
  const base = learned.length ? bestLogit(x, learned.slice(0, 2), learned.slice(2, 4), learned[4] > 0, apart) : 0;
  const place = clamp(x + view, 0, 2 * view), i = Math.min(2 * view - 1, Math.floor(place));
  return base + bend[i] + (bend[i + 1] - bend[i]) * (place - i);
}

/**
 * V(D), C(G) = V(D*) and the Jensen–Shannon divergence in nats, by Simpson's rule.
 * @param {State} state
 */
export function gameNumbers(state) {
  const { data, model, two, bend, limits } = state;
  let value = 0, best = 0, divergence = 0;
  for (let i = 0; i <= CELLS; i++) {
    const x = (2 * FAR * i) / CELLS - FAR;
    const weight = ((i === 0 || i === CELLS ? 1 : i % 2 ? 4 : 2) * 2 * FAR) / (3 * CELLS);
    const logP = logData(x, data, two, limits.apart), logQ = logNormal(x, model[0], model[1]);
    const p = weight * Math.exp(logP), q = weight * Math.exp(logQ);
    const middle = logSum(logP, logQ) - Math.LN2;
    const a = logit(x, state), star = logP - logQ;
    value -= p * softplus(-a) + q * softplus(a);
    best -= p * softplus(-star) + q * softplus(star);
    divergence += (p * (logP - middle) + q * (logQ - middle)) / 2;
  }
  return { value: bend.some((b) => Math.abs(b) >= limits.certain) ? -Infinity : value, best, divergence };
}
