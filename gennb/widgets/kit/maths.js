// @ts-check
// Functions, densities and random numbers.

/** @param {number} v @param {number} low @param {number} high */
export const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** Numbers at equal distances, both ends among them. @param {number} from @param {number} to @param {number} count */
export const steps = (from, to, count) => Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** The logistic function. @param {number} v */
export const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** log(eᵃ + eᵇ), exact for large numbers of either sign. @param {number} a @param {number} b */
export const logSum = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/** log(1 + eᵛ). @param {number} v */
export const softplus = (v) => logSum(v, 0);

/** Log density of a Gaussian. @param {number} x @param {number} [mean] @param {number} [std] */
export const logNormal = (x, mean = 0, std = 1) => -(((x - mean) / std) ** 2) / 2 - Math.log(std * Math.sqrt(2 * Math.PI));

/** Density of a Gaussian. @param {number} x @param {number} [mean] @param {number} [std] */
export const normal = (x, mean = 0, std = 1) => Math.exp(logNormal(x, mean, std));

/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey's small fast counter, 128 bits of state), Box and Muller for normals.
 * @param {number} seed an integer
 */
export function random(seed) {
  let a = 0, b = 0, c = seed | 0, counter = 1, spare = 0, spared = false;
  /** Uniform on [0, 1). */
  const uniform = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) uniform();
  return {
    uniform,
    /** Standard normal. */
    normal() {
      spared = !spared;
      if (!spared) return spare;
      const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}
