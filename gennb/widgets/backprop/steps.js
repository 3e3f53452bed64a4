// @ts-check
// What a step of a calculation does, in words.

import { number } from "../kit/elements.js";
import { written } from "./calculation.js";

/** @typedef {import("./calculation.js").Calculation} Calculation */

/** A number that may stand behind a sign. @param {number} v */
export const signed = (v) => (v < 0 ? `(${number(v)})` : number(v));

/**
 * @param {Calculation} calculation @param {number} k @param {Record<string, number>} values
 * @param {import("./calculation.js").Part[][]} swept @param {Record<string, number[]>} arrived
 */
export function say({ inputs, steps }, k, values, swept, arrived) {
  const count = steps.length, write = (/** @type {string} */ name) => signed(values[name]);
  const sum = (/** @type {string} */ name) => number((arrived[name] ?? []).reduce((all, part) => all + part, 0));
  if (k === 0) return `Before the first step: ${inputs.map((name) => `${name} = ${number(values[name])}`).join(", ")}.`;
  if (k <= count) {
    const step = steps[k - 1], end = k === count ? ` The way back begins: the slope of ${step[0]} in itself is 1.` : "";
    return `Forwards, step ${k} of ${count}: ${step[0]} = ${written(step, write)} = ${number(values[step[0]])}.${end}`;
  }
  const [name] = steps[2 * count - k], parts = swept[swept.length - 1];
  const given = parts.map(({ from, local, part }) => `${from} gets ${sum(name)} \u00d7 ${signed(local)} = ${number(part)}`).join(", ");
  const end = k === 2 * count ? `\nThe slopes of the result: ${inputs.map((each) => `${each} ${sum(each)}`).join(", ")}.` : "";
  return `Backwards, step ${k - count} of ${count}, through ${name}: ${given}.${end}`;
}
