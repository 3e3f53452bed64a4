// @ts-check
// Sliders along learned directions of a face's code; beside each, how sure the encoder is of what it sees.

import { box, element, note, number, svg } from "../kit/elements.js";
import { clamp, softplus, steps } from "../kit/maths.js";
import { unpackNetwork } from "../kit/network.js";
import { picture, readBytes } from "../kit/plane.js";
import { stage } from "../kit/stage.js";

/**
 * A Gaussian blur of an image, channels first, the border repeated.
 * @param {number[]} shape
 * @param {number} sigma standard deviation in pixels
 */
export function gaussianBlur([channels, height, width], sigma) {
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / sigma) ** 2) / 2));
  const total = kernel.reduce((a, b) => a + b, 0);
  const area = height * width;
  const half = new Float32Array(channels * area), whole = new Float32Array(channels * area);
  /** @param {Float32Array} from @param {Float32Array} to @param {number} dx @param {number} dy */
  const pass = (from, to, dx, dy) => {
    for (let c = 0, i = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          let sum = 0;
          for (let k = -reach; k <= reach; k++) {
            const row = clamp(y + k * dy, 0, height - 1), column = clamp(x + k * dx, 0, width - 1);
            sum += kernel[k + reach] * from[c * area + row * width + column];
          }
          to[i] = sum / total;
        }
      }
    }
  };
  return (/** @type {Float32Array} */ image) => {
    pass(image, half, 1, 0);
    pass(half, whole, 0, 1);
    return whole;
  };
}

/**
 * A bell on the scale of a slider.
 * @param {number[]} ends
 * @param {number} unit the height of a bell of width 1
 */
function bell([min, max], unit) {
  const parts = ["fill", "before", "line"].map((name) => svg("path", { class: `gnb-bell-${name}` }));
  const view = { viewBox: `${min} 0 ${max - min} 1`, preserveAspectRatio: "none", "aria-hidden": "true" };
  const ts = steps(min, max, 97);
  /** @param {number[]} q mean and standard deviation */
  const trace = ([mean, std]) => `M${ts.map((t) => {
    const height = Math.min(1, (unit / std) * Math.exp(-(((t - mean) / std) ** 2) / 2));
    return `${t.toFixed(3)} ${(1 - 0.96 * height).toFixed(4)}`;
  }).join("L")}`;
  return {
    node: svg("svg", { class: "gnb-bell", ...view }, ...parts),
    /** @param {number[]} now @param {number[] | null} was */
    set(now, was) {
      const curve = trace(now);
      [`${curve}L${max} 1L${min} 1Z`, was ? trace(was) : "", curve].forEach((d, i) => parts[i].setAttribute("d", d));
    },
  };
}

/** @param {import("../kit/stage.js").Context} context */
function render(context) {
  const { body, readout, get, values, change, slider, toggle, show } = stage(context);
  /** @type {{names: string[], directions: number[][], readouts: number[][], origin: number[], image_shape: number[]}} */
  const { names, directions, readouts, origin, image_shape: shape } = values("names", "directions", "readouts", "origin", "image_shape");
  const latent = origin.length, [channels, height, width] = shape, area = height * width;
  const encoder = unpackNetwork(get("encoder"), get("weights"));
  const decoder = unpackNetwork(get("network"), get("weights"), encoder.bytes);
  const blur = gaussianBlur(shape, get("blur_sigma"));
  const cover = readBytes(get("cover")), mask = readBytes(get("mask"));
  const seen = picture(shape, "the face that the encoder sees"), rebuilt = picture(shape, "the encoder's code, decoded again");
  const image = new Float32Array(channels * area);

  /** Decode the code that the sliders set. @param {number[]} values */
  const decode = (values) => image.set(decoder.run(origin.map((o, i) => directions.reduce((sum, d, k) => sum + values[k] * d[i], o))));
  /**
   * What q(z|x) says of each slider, as mean and width on the slider's scale.
   * @param {Float32Array} q means, then log standard deviations or the rows of a Cholesky factor
   * @returns {[number, number][]}
   */
  const posterior = (q) =>
    readouts.map((a) => {
      const mean = a.reduce((sum, v, i) => sum + v * (q[i] - origin[i]), 0);
      if (q.length === 2 * latent) return [mean, Math.hypot(...a.map((v, i) => v * Math.exp(q[latent + i])))];
      const along = new Float64Array(latent);
      for (let row = 0, at = latent; row < latent; row++) {
        for (let column = 0; column <= row; column++, at++) {
          along[column] += a[row] * (row === column ? softplus(q[at]) : q[at]);
        }
      }
      return [mean, Math.hypot(...along)];
    });
  const hide = () => {
    if (get("blurred")) {
      const soft = blur(image);
      for (let i = 0; i < image.length; i++) image[i] += (mask[i % area] / 255) * (soft[i] - image[i]);
    }
    if (get("covered")) {
      for (let i = 0; i < image.length; i++) {
        const pixel = 4 * (i % area), alpha = cover[pixel + 3] / 255;
        const channel = channels === 1 ? 0 : Math.floor(i / area);
        image[i] += alpha * (cover[pixel + channel] / 255 - image[i]);
      }
    }
  };

  decode(names.map(() => 0));
  const first = posterior(encoder.run(image));
  const rows = names.map((name, k) => {
    const [min, max] = get("ranges")[k];
    // A bell fills three quarters of the height at the origin; its scale stays from then on.
    const curve = bell([min, max], 0.75 * first[k][1]), width = element("span", { class: "gnb-width" });
    const { node } = slider({ trait: "values", part: k, label: name, min, max, step: (max - min) / 100, above: curve.node });
    node.append(width);
    return { node, curve, width };
  });
  const controls = [
    ...(cover.length ? [toggle({ trait: "covered", label: "cover the mouth" }).node] : []),
    ...(mask.length ? [toggle({ trait: "blurred", label: "blur the mouth" }).node] : []),
  ];

  body.classList.add("gnb-columns");
  body.append(
    box("gnb-faces",
      box("gnb-figure", seen.canvas, note("what the encoder sees")),
      box("gnb-figure", rebuilt.canvas, note("its code, decoded again"))),
    box("gnb-side gnb-wide", box("gnb-directions", ...rows.map((row) => row.node)), box("gnb-controls", ...controls)),
  );
  return show(() => {
    decode(get("values"));
    const open = get("covered") || get("blurred") ? posterior(encoder.run(image)) : null;
    hide();
    seen.draw(image, null);
    const q = encoder.run(image).slice(), now = posterior(q);
    rebuilt.draw(decoder.run(q.subarray(0, latent)), null);
    rows.forEach((row, k) => {
      row.curve.set(now[k], open && open[k]);
      const was = open ? [element("br"), element("span", { class: "gnb-was" }, `was ${number(open[k][1])}`)] : [];
      row.width.replaceChildren(`width ${number(now[k][1])}`, ...was);
    });
    readout.textContent = say(names, now.map(([, width]) => width), open && open.map(([, width]) => width));
    const widths = now.map(([, std]) => std);
    if (widths.some((value, k) => Math.abs(value - (get("widths")[k] ?? 0)) > 1e-9)) change({ widths });
  });
}

/** @param {string[]} names @param {number[]} now @param {number[] | null} open the widths with the mouth in sight */
function say(names, now, open) {
  const order = names.map((_, k) => k).sort((a, b) => now[a] - now[b]);
  if (open) {
    const change = (/** @type {number} */ k) => Math.abs(Math.log(now[k] / open[k]));
    const most = order.reduce((a, b) => (change(b) > change(a) ? b : a));
    return `The width of ${names[most]} changed most: ${number(open[most])} \u2192 ${number(now[most])}, ` +
      `${number(now[most] / open[most], 1)} times what it was with the mouth in sight.`;
  }
  const [least, most] = [order[0], order[order.length - 1]];
  return `The encoder is surest of ${names[least]} (width ${number(now[least])}) and least sure of ${names[most]} (width ${number(now[most])}).`;
}

export default { render };
