// @ts-check
// A square piece of a two-dimensional latent space: decoded images, encoded points, the prior's contours.

import { element, inkOf, palette, putImage, svg } from "./controls.js";
import { readNumbers } from "./network.js";

/**
 * @param {number} extent the square reaches from -extent to extent on both axes
 * @param {Record<string, string | number>} [attributes]
 */
export function plane(extent, attributes = {}) {
  const images = element("canvas", { class: "gnb-images", "aria-hidden": "true" });
  const points = element("canvas", { class: "gnb-points", "aria-hidden": "true" });
  const overlay = svg("svg", { viewBox: `${-extent} ${-extent} ${2 * extent} ${2 * extent}`, "aria-hidden": "true" });
  const node = element("div", { class: "gnb-plane", ...attributes }, images, points, overlay);
  for (const radius of [1, 2]) {
    overlay.append(svg("circle", { r: radius, class: "gnb-prior" }));
    node.append(
      element("span", { class: "gnb-tick", "aria-hidden": "true",
        style: `left:50%;top:${50 - (50 * radius) / extent}%` }, `${radius}\u03c3`),
    );
  }
  return { node, images, points, overlay };
}

/** @param {number} count @param {number} extent @param {number} index */
export function gridCode(count, extent, index) {
  const at = (/** @type {number} */ i) => (2 * extent * (i + 0.5)) / count - extent;
  return [at(index % count), -at(Math.floor(index / count))];
}

/**
 * Draw decoded images side by side, in slices of a few milliseconds; a later call overtakes an earlier one.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} shape of one image
 * @param {number} columns
 * @param {Element} root whose color is the ink
 */
export function mosaic(canvas, shape, columns, root) {
  const [, height, width] = shape;
  canvas.width = columns * width;
  canvas.height = columns * height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(canvas.width, canvas.height);
  let turn = 0;
  /**
   * @param {(index: number) => ArrayLike<number>} decode
   * @param {boolean} [atOnce]
   */
  return (decode, atOnce = false) => {
    const mine = ++turn;
    const ink = inkOf(root);
    let index = 0;
    const slice = () => {
      if (mine !== turn) return;
      const start = performance.now();
      for (; index < columns * columns && (atOnce || performance.now() - start < 8); index++) {
        const left = (index % columns) * width, top = Math.floor(index / columns) * height;
        putImage(image, decode(index), shape, ink, left, top);
      }
      context.putImageData(image, 0, 0);
      if (index < columns * columns) setTimeout(slice);
    };
    slice();
  };
}

/**
 * Codes as stored by Python: float16 pairs.
 * @param {DataView} view
 * @param {number} [at] byte offset
 * @param {number} [count] number of codes
 */
export function readCodes(view, at = 0, count = view.byteLength / 4) {
  return readNumbers(view, at, 2 * count, "float16");
}

/**
 * A function that draws codes as dots, colored by class, sharp on any screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} extent
 */
export function scatter(canvas, extent) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /**
   * @param {Float32Array} codes
   * @param {Uint8Array} labels
   * @param {number | null} [only] the one class to bring out
   */
  return (codes, labels, only = null) => {
    const side = canvas.clientWidth || 300, ratio = devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(side * ratio);
    context.scale(canvas.width / (2 * extent), canvas.width / (2 * extent));
    const radius = (2 * extent * (side < 240 ? 1.5 : 2.3)) / side;
    for (let i = 0; i < codes.length / 2; i++) {
      const label = labels.length ? labels[i] : 0;
      context.globalAlpha = only === null ? 0.8 : label === only ? 0.95 : 0.12;
      context.fillStyle = palette[label % palette.length];
      context.beginPath();
      context.arc(codes[2 * i] + extent, extent - codes[2 * i + 1], radius, 0, 7);
      context.fill();
    }
  };
}
