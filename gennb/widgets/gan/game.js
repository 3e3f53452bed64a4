// @ts-check
// The adversarial game between two small networks over one dimension: its losses, its rounds, and how to measure it.

import { optimizer } from "../kit/learner.js";
import { clamp, normal, random, sigmoid, softplus, steps } from "../kit/maths.js";

/** @typedef {[weight: number, mean: number, std: number]} Hump */
/** @typedef {"minimax" | "non-saturating" | "wasserstein"} Loss */

/**
 * What a reader may change between two rounds.
 * @typedef {object} Settings
 * @property {Hump[]} data mixture of Gaussians, weights that sum to one
 * @property {Loss} loss
 * @property {number} k steps of the discriminator in a round
 * @property {number[]} lr learning rates of discriminator and generator
 * @property {"adam" | "sgd"} optimizer of the generator; the discriminator always has Adam
 */

/** Density of the data. @param {Hump[]} data @param {number} x */
export const density = (data, x) => data.reduce((sum, [weight, mean, std]) => sum + weight * normal(x, mean, std), 0);

/** One draw from the data. @param {Hump[]} data @param {ReturnType<typeof random>} source */
export function drawData(data, source) {
  let left = source.uniform(), i = 0;
  while (i < data.length - 1 && (left -= data[i][0]) >= 0) i++;
  return data[i][1] + data[i][2] * source.normal();
}

/** One draw of z, of variance one. @param {string} prior @param {ReturnType<typeof random>} source */
export const drawNoise = (prior, source) =>
  prior === "normal" ? source.normal() : Math.sqrt(3) * (2 * source.uniform() - 1);

/**
 * Both players, their optimizers and their luck.
 * @param {import("../kit/learner.js").Learner} generator
 * @param {import("../kit/learner.js").Learner} discriminator
 * @param {{batch: number, prior: string, betas: number[], clip: number, seed: number}} rules
 */
export function game(generator, discriminator, { batch, prior, betas, clip, seed }) {
  const first = [generator.parameters.slice(), discriminator.parameters.slice()];
  const optimizers = { G: optimizer(generator, betas), D: optimizer(discriminator, betas) };
  const real = new Float64Array(batch), noise = new Float64Array(batch);
  const both = new Float64Array(2 * batch), slopes = new Float64Array(2 * batch);
  let source = random(seed), rounds = 0;

  const clipWeights = () => {
    const w = discriminator.parameters;
    for (let i = 0; i < w.length; i++) w[i] = clamp(w[i], -clip, clip);
  };

  const self = {
    get rounds() {
      return rounds;
    },

    /**
     * Leave the gradients of the discriminator's loss in it; return the loss.
     * @param {Loss} loss @param {Float64Array} x data @param {Float64Array} z @param {number} n of each
     */
    discriminatorLoss(loss, x, z, n) {
      const fake = generator.forward(z, n);
      for (let i = 0; i < n; i++) {
        both[i] = x[i];
        both[n + i] = fake[i];
      }
      const logits = discriminator.forward(both, 2 * n), critic = loss === "wasserstein";
      let total = 0;
      for (let i = 0; i < 2 * n; i++) {
        const sign = i < n ? -1 : 1, a = sign * logits[i];
        total += critic ? a : softplus(a);
        slopes[i] = (sign * (critic ? 1 : sigmoid(a))) / n;
      }
      discriminator.backward(slopes, 2 * n);
      return total / n;
    },

    /**
     * Leave the gradients of the generator's loss in it; return the loss.
     * @param {Loss} loss @param {Float64Array} z @param {number} n
     */
    generatorLoss(loss, z, n) {
      const logits = discriminator.forward(generator.forward(z, n), n);
      let total = 0;
      for (let i = 0; i < n; i++) {
        const a = logits[i];
        total += loss === "minimax" ? -softplus(a) : loss === "non-saturating" ? softplus(-a) : -a;
        slopes[i] = -(loss === "minimax" ? sigmoid(a) : loss === "non-saturating" ? sigmoid(-a) : 1) / n;
      }
      generator.backward(discriminator.backward(slopes, n, false), n);
      return total / n;
    },

    /** @param {Settings} settings */
    stepDiscriminator({ data, loss, lr }) {
      for (let i = 0; i < batch; i++) real[i] = drawData(data, source);
      for (let i = 0; i < batch; i++) noise[i] = drawNoise(prior, source);
      if (loss === "wasserstein") clipWeights();
      self.discriminatorLoss(loss, real, noise, batch);
      optimizers.D.adam(lr[0]);
      if (loss === "wasserstein") clipWeights();
    },

    /** @param {Settings} settings */
    stepGenerator({ loss, lr, optimizer }) {
      for (let i = 0; i < batch; i++) noise[i] = drawNoise(prior, source);
      self.generatorLoss(loss, noise, batch);
      optimizers.G[optimizer](lr[1]);
    },

    /** A round of Algorithm 1. @param {Settings} settings */
    round(settings) {
      for (let i = 0; i < settings.k; i++) self.stepDiscriminator(settings);
      self.stepGenerator(settings);
      rounds++;
    },

    /** Back to the first weights and the same luck. */
    reset() {
      generator.parameters.set(first[0]);
      discriminator.parameters.set(first[1]);
      optimizers.G.reset();
      optimizers.D.reset();
      source = random(seed);
      rounds = 0;
    },
  };
  return self;
}

/**
 * The mass that a map, linear between its knots, sends into each cell of an axis: right also where the map folds.
 * @param {Float64Array} knots values of the map at the ends of cells of z, one more than mass
 * @param {Float64Array} mass of the cells of z
 * @param {Float64Array} cells receives the mass in each; what falls beyond the axis is in none
 * @param {number} low left end of the axis
 * @param {number} width of a cell
 */
export function pushForward(knots, mass, cells, low, width) {
  cells.fill(0);
  for (let i = 0; i < mass.length; i++) {
    const a = (Math.min(knots[i], knots[i + 1]) - low) / width, b = (Math.max(knots[i], knots[i + 1]) - low) / width;
    const start = Math.max(0, Math.floor(a)), end = Math.min(cells.length - 1, Math.floor(b));
    for (let c = start; c <= end; c++) {
      const share = b - a > 1e-9 ? (Math.min(b, c + 1) - Math.max(a, c)) / (b - a) : 1 / (end - start + 1);
      cells[c] += mass[i] * share;
    }
  }
}

/**
 * The ends of narrow cells of z, and the prior's mass in each.
 * @param {string} prior
 * @param {number} count
 */
export function noiseCells(prior, count) {
  const reach = prior === "normal" ? 4.5 : Math.sqrt(3);
  const knots = Float64Array.from(steps(-reach, reach, count + 1));
  const mass = Float64Array.from({ length: count }, (_, i) => (prior === "normal" ? normal((knots[i] + knots[i + 1]) / 2) : 1));
  const total = mass.reduce((a, b) => a + b);
  for (let i = 0; i < count; i++) mass[i] /= total;
  return { knots, mass };
}

/** Values of z between which the prior has equal mass. @param {ReturnType<typeof noiseCells>} cells @param {number} count */
export function quantiles({ knots, mass }, count) {
  let below = 0, i = 0;
  return Float64Array.from({ length: count }, (_, n) => {
    const goal = (n + 0.5) / count;
    while (below + mass[i] < goal) below += mass[i++];
    return knots[i] + ((goal - below) / mass[i]) * (knots[i + 1] - knots[i]);
  });
}

/**
 * The game seen from above, by sums over the cells of the x axis.
 * @param {Float64Array} p mass of the data in each cell
 * @param {Float64Array} q mass of the generator
 * @param {ArrayLike<number>} logits of the discriminator, or values of the critic
 */
export function measure(p, q, logits) {
  let value = 0, gap = 0, distance = 0, right = 0, fooled = 0, ahead = 0, earth = 0, steepest = 0;
  for (let i = 0; i < p.length; i++) {
    const a = logits[i], d = sigmoid(a);
    value -= p[i] * softplus(-a) + q[i] * softplus(a);
    gap += (p[i] - q[i]) * a;
    distance += Math.abs(p[i] - q[i]) / 2;
    right += (d > 0.5 ? p[i] : d < 0.5 ? q[i] : (p[i] + q[i]) / 2) / 2;
    fooled += q[i] * d;
    earth += Math.abs((ahead += p[i] - q[i]));
    if (i) steepest = Math.max(steepest, Math.abs(a - logits[i - 1]));
  }
  return {
    value, gap, // V(D, G) in nats, E f(x) - E f(G(z))
    distance, // total variation
    right, fooled, // how often D is right, (1 + distance) / 2 for the best D; E D(G(z))
    seen: (2 * right - 1) / (distance || 1), // share of the difference that D sees
    told: gap / (steepest * earth || 1), // and a critic, of what one no steeper could: Kantorovich and Rubinstein
  };
}
