// @ts-check
// Encoders with their decoders, as Python packed them.

import { unpackNetwork } from "../kit/network.js";

/** @typedef {import("../kit/network.js").Layer[]} Spec */

/**
 * Pairs that lie one after another in the weights.
 * @param {[Spec, Spec][]} specs of an encoder and its decoder each
 * @param {DataView} weights
 */
export function readPairs(specs, weights) {
  let at = 0;
  return specs.map((pair) => {
    const [encode, decode] = pair.map((spec) => {
      const { run, bytes } = unpackNetwork(spec, weights, at);
      at += bytes;
      return run;
    });
    return { encode, decode };
  });
}
