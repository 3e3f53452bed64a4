// @ts-check
// Small feed-forward networks in plain JavaScript: reads what gennb.widgets.pack wrote.

import { sigmoid, softplus } from "./maths.js";

/**
 * @typedef {object} Layer
 * @property {string} op
 * @property {number[]} shape output shape, without the batch axis
 * @property {number[]} [input] input shape
 * @property {number[]} [weight] weight shape, output units or channels first
 * @property {number[]} [stride]
 * @property {number[]} [padding]
 * @property {number} [slope]
 * @property {"float32"|"float16"|"int8"} [dtype]
 */

/**
 * @typedef {object} Network
 * @property {(x: ArrayLike<number>) => Float32Array} run the output; the array is reused by the next call
 * @property {number} bytes how many bytes of the weights this network took
 */

/** @type {Float32Array | undefined} */
let halves;

/** Every float16 there is, as float32. @returns {Float32Array} */
function halfTable() {
  if (halves) return halves;
  halves = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24
      : exponent === 31 ? (fraction ? NaN : Infinity)
      : (1 + fraction / 1024) * 2 ** (exponent - 15);
    halves[bits] = bits & 32768 ? -size : size;
  }
  return halves;
}

/**
 * Numbers stored from a byte offset on, as float32.
 * @param {DataView} view
 * @param {number} at
 * @param {number} count
 * @param {"float32"|"float16"|"int8"} dtype
 * @returns {Float32Array}
 */
export function readNumbers(view, at, count, dtype) {
  const size = { float32: 4, float16: 2, int8: 1 }[dtype] * count;
  const start = view.byteOffset + at;
  const bytes = view.buffer.slice(start, start + size);
  if (at + size > view.byteLength) throw new RangeError("the packed weights are too short");
  if (dtype === "float32") return new Float32Array(bytes);
  if (dtype === "int8") return Float32Array.from(new Int8Array(bytes));
  const table = halfTable();
  return Float32Array.from(new Uint16Array(bytes), (bits) => table[bits]);
}

/** @type {Record<string, (v: number, layer: Layer) => number>} */
const activations = {
  relu: (v) => (v > 0 ? v : 0),
  leaky_relu: (v, layer) => (v > 0 ? v : v * (layer.slope ?? 0)),
  silu: (v) => v * sigmoid(v),
  tanh: Math.tanh,
  sigmoid,
  softplus,
};

/**
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @param {Float32Array} weight (out, in)
 * @param {Float32Array} bias
 */
function linear(x, y, weight, bias) {
  const n = x.length;
  for (let row = 0, at = 0; row < y.length; row++) {
    let a = bias[row], b = 0, c = 0, d = 0, i = 0;
    for (; i + 3 < n; i += 4, at += 4) {
      a += weight[at] * x[i];
      b += weight[at + 1] * x[i + 1];
      c += weight[at + 2] * x[i + 2];
      d += weight[at + 3] * x[i + 3];
    }
    for (; i < n; i++, at++) a += weight[at] * x[i];
    y[row] = a + b + c + d;
  }
}

/**
 * Which pixel of the finer image each weight of the kernel meets at each position of the coarser one, or -1:
 * row = coarse row * stride - padding + kernel row, and so for columns.
 * @param {number[]} fine channels, height, width
 * @param {number[]} coarse channels, height, width
 * @param {Layer} layer
 */
function meetings([channels, fineRows, fineColumns], [, coarseRows, coarseColumns], layer) {
  const [, , kernelRows, kernelColumns] = /** @type {number[]} */ (layer.weight);
  const [strideY, strideX] = /** @type {number[]} */ (layer.stride);
  const [padY, padX] = /** @type {number[]} */ (layer.padding);
  const index = new Int32Array(coarseRows * coarseColumns * channels * kernelRows * kernelColumns);
  let at = 0;
  for (let row = 0; row < coarseRows; row++) {
    for (let column = 0; column < coarseColumns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        for (let ky = 0; ky < kernelRows; ky++) {
          for (let kx = 0; kx < kernelColumns; kx++) {
            const y = row * strideY - padY + ky, x = column * strideX - padX + kx;
            const inside = y >= 0 && y < fineRows && x >= 0 && x < fineColumns;
            index[at++] = inside ? (channel * fineRows + y) * fineColumns + x : -1;
          }
        }
      }
    }
  }
  return index;
}

/**
 * Convolution: at each position, a linear map of the patch.
 * @param {Layer} layer
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @returns {(x: Float32Array, y: Float32Array) => void}
 */
function convolution(layer, weight, bias) {
  const index = meetings(/** @type {number[]} */ (layer.input), layer.shape, layer);
  const positions = layer.shape[1] * layer.shape[2];
  const patch = new Float32Array(index.length / positions), column = new Float32Array(bias.length);
  return (x, y) => {
    for (let p = 0, at = 0; p < positions; p++) {
      for (let j = 0; j < patch.length; j++, at++) patch[j] = index[at] < 0 ? 0 : x[index[at]];
      linear(patch, column, weight, bias);
      for (let c = 0; c < column.length; c++) y[c * positions + p] = column[c];
    }
  };
}

/**
 * Transposed convolution: at each position, a linear map to the patch, which is added to the image.
 * @param {Layer} layer
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @returns {(x: Float32Array, y: Float32Array) => void}
 */
function transposedConvolution(layer, weight, bias) {
  const [outs, ins, kernelRows, kernelColumns] = /** @type {number[]} */ (layer.weight);
  const input = /** @type {number[]} */ (layer.input), area = kernelRows * kernelColumns;
  const index = meetings(layer.shape, input, layer);
  const positions = input[1] * input[2], size = layer.shape[1] * layer.shape[2];
  const turned = new Float32Array(weight.length);
  for (let o = 0; o < outs; o++) {
    for (let i = 0; i < ins; i++) {
      for (let k = 0; k < area; k++) turned[(o * area + k) * ins + i] = weight[(o * ins + i) * area + k];
    }
  }
  const column = new Float32Array(ins), patch = new Float32Array(outs * area), none = new Float32Array(outs * area);
  return (x, y) => {
    for (let o = 0; o < outs; o++) y.fill(bias[o], o * size, (o + 1) * size);
    for (let p = 0, at = 0; p < positions; p++) {
      for (let i = 0; i < ins; i++) column[i] = x[i * positions + p];
      linear(column, patch, turned, none);
      for (let j = 0; j < patch.length; j++, at++) if (index[at] >= 0) y[index[at]] += patch[j];
    }
  };
}

/**
 * A network from its packed form.
 * @param {Layer[]} spec
 * @param {DataView} weights
 * @param {number} [start] byte offset of this network in the weights
 * @returns {Network}
 */
export function unpackNetwork(spec, weights, start = 0) {
  let at = start;
  /** @type {((x: Float32Array) => Float32Array)[]} */
  const steps = [];
  for (const layer of spec) {
    if (layer.op === "reshape") continue;
    const activation = activations[layer.op];
    if (activation) {
      steps.push((x) => {
        for (let i = 0; i < x.length; i++) x[i] = activation(x[i], layer);
        return x;
      });
      continue;
    }
    const shape = /** @type {number[]} */ (layer.weight);
    const dtype = /** @type {"float32"|"float16"|"int8"} */ (layer.dtype);
    const rows = shape[0];
    const count = shape.reduce((a, b) => a * b, 1);
    /** @param {number} n @param {"float32"|"float16"|"int8"} type */
    const take = (n, type) => {
      const values = readNumbers(weights, at, n, type);
      at += n * { float32: 4, float16: 2, int8: 1 }[type];
      return values;
    };
    const scale = dtype === "int8" ? take(rows, "float32") : undefined;
    const weight = take(count, dtype);
    if (scale) for (let i = 0; i < count; i++) weight[i] *= scale[Math.floor((i * rows) / count)];
    const bias = take(rows, dtype === "int8" ? "float32" : dtype);
    const y = new Float32Array(layer.shape.reduce((a, b) => a * b, 1));
    /** @type {Record<string, () => (x: Float32Array, y: Float32Array) => void>} */
    const makers = {
      linear: () => (x, y) => linear(x, y, weight, bias),
      conv2d: () => convolution(layer, weight, bias),
      conv_transpose2d: () => transposedConvolution(layer, weight, bias),
    };
    if (!makers[layer.op]) throw new TypeError(`unknown layer ${layer.op}`);
    const apply = makers[layer.op]();
    steps.push((x) => (apply(x, y), y));
  }
  return {
    bytes: at - start,
    run(input) {
      /** @type {Float32Array} */
      let x = Float32Array.from(input);
      for (const step of steps) x = step(x);
      return x;
    },
  };
}
