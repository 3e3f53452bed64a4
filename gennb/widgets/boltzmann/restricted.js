// @ts-check
// A restricted Boltzmann machine: all hidden units are drawn given the visible ones, then these given those.

import { sigmoid, softplus } from "../kit/maths.js";
import { readNumbers } from "../kit/network.js";

/** @typedef {{W: Float32Array, b: Float32Array, c: Float32Array}} Machine its filters one after another, and biases */

/**
 * The machine that Python packed.
 * @param {import("../kit/network.js").Layer[]} network
 * @param {DataView} weights
 * @param {DataView} bias
 * @returns {Machine}
 */
export function readMachine(network, weights, bias) {
  const [hidden, visible] = /** @type {number[]} */ (network[0].weight);
  const scale = readNumbers(weights, 0, hidden, "float32");
  const W = readNumbers(weights, 4 * hidden, hidden * visible, "int8");
  for (let i = 0; i < W.length; i++) W[i] *= scale[Math.floor(i / visible)];
  return { W, b: readNumbers(bias, 0, visible, "float32"), c: readNumbers(weights, 4 * hidden + W.length, hidden, "float32") };
}

/** Which units are on. @param {Uint8Array} s */
const onesOf = (s) => Array.from(s.keys()).filter((i) => s[i]);

/** c + Wᵀv. @param {Machine} machine @param {Uint8Array} v */
export function hiddenInputs({ W, b, c }, v) {
  const on = onesOf(v);
  return Float64Array.from(c, (input, j) => {
    for (const i of on) input += W[j * b.length + i];
    return input;
  });
}

/** b + Wh. @param {Machine} machine @param {Uint8Array} h */
export function visibleInputs({ W, b }, h) {
  const inputs = Float64Array.from(b);
  for (const j of onesOf(h)) {
    for (let i = 0, at = j * b.length; i < b.length; i++, at++) inputs[i] += W[at];
  }
  return inputs;
}

/** F(v) in nats. @param {Machine} machine @param {Uint8Array} v */
export const freeEnergy = (machine, v) =>
  -onesOf(v).reduce((sum, i) => sum + machine.b[i], 0) - hiddenInputs(machine, v).reduce((sum, input) => sum + softplus(input), 0);

/**
 * A step of the chain.
 * @param {Machine} machine
 * @param {Uint8Array} v
 * @param {number} temperature
 * @param {() => number} uniform
 * @returns the probabilities of the hidden units and these, then those of the visible units and these
 */
export function gibbs(machine, v, temperature, uniform) {
  const chances = (/** @type {Float64Array} */ inputs) => inputs.map((input) => sigmoid(input / temperature));
  const draw = (/** @type {Float64Array} */ p) => Uint8Array.from(p, (each) => Number(uniform() < each));
  const excited = chances(hiddenInputs(machine, v)), h = draw(excited);
  const means = chances(visibleInputs(machine, h));
  return { excited, h, means, v: draw(means) };
}
