// @ts-check
// Sliders along learned directions of a face's code; beside each, how sure the encoder is of what it sees.

import { button, element, frame, number, painter, picture, putImage, slider, svg, toggle } from "./controls.js";
import { softplus, unpackNetwork } from "./network.js";

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
            const row = Math.min(height - 1, Math.max(0, y + k * dy));
            const column = Math.min(width - 1, Math.max(0, x + k * dx));
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
 * @param {number} min
 * @param {number} max
 * @param {number} unit the height of a bell of width 1
 */
function bell(min, max, unit) {
  const before = svg("path", { class: "gnb-bell-before" });
  const fill = svg("path", { class: "gnb-bell-fill" });
  const line = svg("path", { class: "gnb-curve-q" });
  const node = svg(
    "svg",
    { class: "gnb-bell", viewBox: `${min} 0 ${max - min} 1`, preserveAspectRatio: "none", "aria-hidden": "true" },
    fill, before, line,
  );
  /** @param {number[]} q mean and standard deviation */
  const trace = ([mean, std]) =>
    Array.from({ length: 97 }, (_, i) => {
      const t = min + ((max - min) * i) / 96;
      const height = Math.min(1, (unit / std) * Math.exp(-(((t - mean) / std) ** 2) / 2));
      return `${i ? "L" : "M"}${t.toFixed(3)} ${(1 - 0.96 * height).toFixed(4)}`;
    }).join("");
  return {
    node,
    /** @param {number[]} now @param {number[] | null} was */
    set(now, was) {
      const curve = trace(now);
      line.setAttribute("d", curve);
      fill.setAttribute("d", `${curve}L${max} 1L${min} 1Z`);
      before.setAttribute("d", was ? trace(was) : "");
    },
  };
}

/** @param {{model: import("./controls.js").Model, el: HTMLElement}} context */
function render({ model, el }) {
  const { root, body, readout } = frame(model, el);
  const shape = model.get("image_shape"), latent = model.get("origin").length;
  /** @type {string[]} */
  const names = model.get("names");
  /** @type {number[][]} */
  const directions = model.get("directions");
  /** @type {number[][]} */
  const readouts = model.get("readouts");
  /** @type {number[]} */
  const origin = model.get("origin");
  const encoder = unpackNetwork(model.get("encoder"), model.get("weights"));
  const decoder = unpackNetwork(model.get("network"), model.get("weights"), encoder.bytes);
  const blur = gaussianBlur(shape, model.get("blur_sigma"));
  const bytes = (/** @type {string} */ name) => {
    const view = model.get(name);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  };
  const cover = bytes("cover"), mask = bytes("mask");
  const [channels, height, width] = shape, area = height * width;

  const seen = picture(shape, "the face that the encoder sees");
  const rebuilt = picture(shape, "the encoder's code, decoded again");
  const image = new Float32Array(channels * area);

  /** Decode the code that the sliders set. @returns {Float32Array} */
  const decode = () => {
    const values = model.get("values");
    return decoder.run(origin.map((o, i) => directions.reduce((sum, d, k) => sum + values[k] * d[i], o)));
  };
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
    if (model.get("blurred")) {
      const soft = blur(image);
      for (let i = 0; i < image.length; i++) image[i] += (mask[i % area] / 255) * (soft[i] - image[i]);
    }
    if (model.get("covered")) {
      for (let i = 0; i < image.length; i++) {
        const pixel = 4 * (i % area), alpha = cover[pixel + 3] / 255;
        const channel = channels === 1 ? 0 : Math.floor(i / area);
        image[i] += alpha * (cover[pixel + channel] / 255 - image[i]);
      }
    }
  };
  /** @param {ReturnType<typeof picture>} target @param {Float32Array} values */
  const show = (target, values) => {
    putImage(target.image, values, shape, null);
    target.context.putImageData(target.image, 0, 0);
  };

  image.set(decoder.run(origin));
  const first = posterior(encoder.run(image));
  const rows = names.map((name, k) => {
    const [min, max] = model.get("ranges")[k];
    // A bell fills three quarters of the height at the origin; its scale stays from then on.
    const curve = bell(min, max, 0.75 * first[k][1]);
    const control = slider({ label: name, min, max, step: (max - min) / 100, value: model.get("values")[k], above: curve.node }, (value) => {
      const values = [...model.get("values")];
      values[k] = value;
      model.set("values", values);
      model.save_changes();
    });
    const width = element("span", { class: "gnb-width" });
    control.node.append(width);
    return { ...control, curve, width };
  });

  const draw = () => {
    const hidden = model.get("covered") || model.get("blurred");
    image.set(decode());
    const open = hidden ? posterior(encoder.run(image)) : null;
    hide();
    show(seen, image);
    const q = encoder.run(image).slice();
    show(rebuilt, decoder.run(q.subarray(0, latent)));
    const now = posterior(q);
    rows.forEach((row, k) => {
      row.curve.set(now[k], open ? open[k] : null);
      row.width.replaceChildren(
        `width ${number(now[k][1])}`,
        ...(open ? [element("br"), element("span", { class: "gnb-was" }, `was ${number(open[k][1])}`)] : []),
      );
    });
    const order = names.map((_, k) => k).sort((a, b) => now[a][1] - now[b][1]);
    if (open) {
      const ratio = (/** @type {number} */ k) => now[k][1] / open[k][1];
      const most = order.reduce((a, b) => (Math.abs(Math.log(ratio(b))) > Math.abs(Math.log(ratio(a))) ? b : a));
      readout.textContent =
        `The width of ${names[most]} changed most: ${number(open[most][1])} \u2192 ${number(now[most][1])}, ` +
        `${number(ratio(most), 1)} times what it was with the mouth in sight.`;
    } else {
      const [least, most] = [order[0], order[order.length - 1]];
      readout.textContent =
        `The encoder is surest of ${names[least]} (width ${number(now[least][1])}) ` +
        `and least sure of ${names[most]} (width ${number(now[most][1])}).`;
    }
    const widths = now.map(([, std]) => std);
    if (widths.some((value, k) => Math.abs(value - (model.get("widths")[k] ?? 0)) > 1e-9)) {
      model.set("widths", widths);
      model.save_changes();
    }
  };
  const repaint = painter(root, draw);

  const controls = element("div", { class: "gnb-controls" });
  /** @param {string} name @param {string} label */
  const option = (name, label) => {
    const control = toggle(label, model.get(name), (on) => (model.set(name, on), model.save_changes()));
    controls.append(control.node);
    return control.input;
  };
  const covered = cover.length ? option("covered", "cover the mouth") : null;
  const blurred = mask.length ? option("blurred", "blur the mouth") : null;
  controls.append(
    button("Reset the sliders", () => (model.set("values", names.map(() => 0)), model.save_changes())),
  );

  body.classList.add("gnb-columns");
  body.append(
    element("div", { class: "gnb-faces" },
      element("div", { class: "gnb-figure" }, seen.canvas, element("span", { class: "gnb-note" }, "what the encoder sees")),
      element("div", { class: "gnb-figure" }, rebuilt.canvas, element("span", { class: "gnb-note" }, "its code, decoded again"))),
    element("div", { class: "gnb-side gnb-wide" }, element("div", { class: "gnb-directions" }, ...rows.map((row) => row.node)), controls),
  );
  const changed = () => {
    rows.forEach((row, k) => row.set(model.get("values")[k]));
    if (covered) covered.checked = model.get("covered");
    if (blurred) blurred.checked = model.get("blurred");
    repaint();
  };
  const events = ["values", "covered", "blurred"].map((name) => `change:${name}`);
  for (const event of events) model.on(event, changed);
  repaint();
  return () => events.forEach((event) => model.off(event, changed));
}

export default { render };
