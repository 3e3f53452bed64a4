// @ts-check
// Small dense networks that learn in the page: what torch computes, in float64, with nothing allocated on the way.

/**
 * A chain of layers from one number to one number.
 * @typedef {object} Learner
 * @property {Float64Array} parameters in the order of torch: weights, then biases, layer by layer
 * @property {Float64Array} gradients of the loss behind the last backward pass, in the same order
 * @property {(x: Float64Array, n: number) => Float64Array} forward n outputs; the array is reused by the next call
 * @property {(slopes: Float64Array, n: number, learn?: boolean) => Float64Array} backward from the slopes of the loss
 *   in the last outputs to its slopes in their inputs; without learn, the gradients stay as they were
 */

/**
 * @typedef {object} Layer
 * @property {(n: number) => void} forward
 * @property {(n: number, learn: boolean) => void} backward
 */

/**
 * Values lie unit by unit, each unit's batch in a row: the inner loops run along the batch.
 * @param {Float64Array} weight (rows, columns)
 * @param {Float64Array} bias (rows)
 * @param {Float64Array} weightGradient
 * @param {Float64Array} biasGradient
 * @param {Float64Array[]} buffers inputs (columns, n), outputs (rows, n), and the loss's slopes in them
 * @returns {Layer}
 */
function dense(weight, bias, weightGradient, biasGradient, [x, y, dx, dy]) {
  const rows = bias.length, columns = weight.length / rows;
  return {
    forward(n) {
      for (let r = 0, w = 0; r < rows; r++) {
        const out = r * n;
        y.fill(bias[r], out, out + n);
        for (let c = 0; c < columns; c++) addScaled(y, out, x, c * n, weight[w++], n);
      }
    },
    backward(n, learn) {
      dx.fill(0, 0, n * columns);
      for (let r = 0, w = 0; r < rows; r++) {
        const out = r * n;
        for (let c = 0; c < columns; c++) addScaled(dx, c * n, dy, out, weight[w++], n);
      }
      if (!learn) return;
      for (let r = 0, w = 0; r < rows; r++) {
        const out = r * n;
        let total = 0;
        for (let i = 0; i < n; i++) total += dy[out + i];
        biasGradient[r] = total;
        for (let c = 0; c < columns; c++) weightGradient[w++] = dot(x, c * n, dy, out, n);
      }
    },
  };
}

/** y += w x. @param {Float64Array} y @param {number} i @param {Float64Array} x @param {number} j @param {number} w @param {number} n */
function addScaled(y, i, x, j, w, n) {
  for (const end = i + n; i < end; i++, j++) y[i] += w * x[j];
}

/** @param {Float64Array} x @param {number} i @param {Float64Array} y @param {number} j @param {number} n */
function dot(x, i, y, j, n) {
  let a = 0, b = 0, c = 0, d = 0;
  const end = i + n;
  for (; i + 3 < end; i += 4, j += 4) {
    a += x[i] * y[j];
    b += x[i + 1] * y[j + 1];
    c += x[i + 2] * y[j + 2];
    d += x[i + 3] * y[j + 3];
  }
  for (; i < end; i++, j++) a += x[i] * y[j];
  return a + b + c + d;
}

/**
 * @param {string} op tanh, relu or leaky_relu
 * @param {number} slope of a leaky rectifier below zero
 * @param {number} width
 * @param {Float64Array[]} buffers
 * @returns {Layer}
 */
function activation(op, slope, width, [x, y, dx, dy]) {
  if (op === "tanh") {
    return {
      forward(n) {
        for (let i = 0; i < n * width; i++) y[i] = Math.tanh(x[i]);
      },
      backward(n) {
        for (let i = 0; i < n * width; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
      },
    };
  }
  if (op !== "relu" && op !== "leaky_relu") throw new TypeError(`cannot train a layer ${op}`);
  return {
    forward(n) {
      for (let i = 0; i < n * width; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
    },
    backward(n) {
      for (let i = 0; i < n * width; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
    },
  };
}

/**
 * A network as gennb.widgets.pack wrote it in float32.
 * @param {import("./network.js").Layer[]} spec
 * @param {DataView} view
 * @param {number} capacity the largest batch
 * @returns {Learner}
 */
export function learner(spec, view, capacity) {
  const parameters = Float64Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
  const gradients = new Float64Array(parameters.length);
  const values = [new Float64Array(capacity)], slopes = [new Float64Array(capacity)];
  let at = 0;
  const layers = spec.map((layer, i) => {
    const width = layer.shape[0];
    values.push(new Float64Array(capacity * width));
    slopes.push(new Float64Array(capacity * width));
    const buffers = [values[i], values[i + 1], slopes[i], slopes[i + 1]];
    if (layer.op !== "linear") return activation(layer.op, layer.slope ?? 0, width, buffers);
    const [rows, columns] = /** @type {number[]} */ (layer.weight);
    const bias = at + rows * columns, end = bias + rows;
    const parts = [parameters, gradients].flatMap((all) => [all.subarray(at, bias), all.subarray(bias, end)]);
    at = end;
    return dense(parts[0], parts[1], parts[2], parts[3], buffers);
  });
  const last = layers.length;
  return {
    parameters,
    gradients,
    forward(x, n) {
      for (let i = 0; i < n; i++) values[0][i] = x[i];
      for (let i = 0; i < last; i++) layers[i].forward(n);
      return values[last];
    },
    backward(d, n, learn = true) {
      for (let i = 0; i < n; i++) slopes[last][i] = d[i];
      for (let i = last - 1; i >= 0; i--) layers[i].backward(n, learn);
      return slopes[0];
    },
  };
}

/**
 * Steps down the gradients that a network holds.
 * @param {Learner} network
 * @param {number[]} betas of Adam
 */
export function optimizer({ parameters, gradients }, [beta1, beta2]) {
  const mean = new Float64Array(parameters.length), square = new Float64Array(parameters.length);
  let time = 0;
  return {
    /** As torch.optim.Adam computes it. @param {number} rate */
    adam(rate) {
      time++;
      const pace = rate / (1 - beta1 ** time), correction = Math.sqrt(1 - beta2 ** time);
      for (let i = 0; i < parameters.length; i++) {
        const g = gradients[i];
        mean[i] += (1 - beta1) * (g - mean[i]);
        square[i] = beta2 * square[i] + (1 - beta2) * g * g;
        parameters[i] -= (pace * mean[i]) / (Math.sqrt(square[i]) / correction + 1e-8);
      }
    },
    /** As torch.optim.SGD does without momentum. @param {number} rate */
    sgd(rate) {
      for (let i = 0; i < parameters.length; i++) parameters[i] -= rate * gradients[i];
    },
    reset() {
      mean.fill(0);
      square.fill(0);
      time = 0;
    },
  };
}
