// @ts-check
// Pictures, and a square piece of a plane: decoded images, points, the prior's contours.

import { button } from "./controls.js";
import { element, palette, svg } from "./elements.js";
import { readNumbers } from "./network.js";

/**
 * The color of the text, to draw with.
 * @param {Element} root
 * @returns {[number, number, number]}
 */
export function inkOf(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number);
  return [r, g, b];
}

/**
 * Write an image of values in [0, 1], channels first, into pixels; one channel becomes ink on the page.
 * @param {ImageData} image
 * @param {ArrayLike<number>} values
 * @param {number[]} shape channels, height, width
 * @param {[number, number, number] | null} ink null draws one channel as gray
 * @param {number} [left]
 * @param {number} [top]
 */
function putImage(image, values, [channels, height, width], ink, left = 0, top = 0) {
  const area = height * width;
  for (let y = 0, i = 0; y < height; y++) {
    let at = 4 * ((top + y) * image.width + left);
    for (let x = 0; x < width; x++, i++, at += 4) {
      if (channels === 1 && ink) {
        image.data[at] = ink[0];
        image.data[at + 1] = ink[1];
        image.data[at + 2] = ink[2];
        image.data[at + 3] = 255 * values[i];
      } else {
        for (let c = 0; c < 3; c++) image.data[at + c] = 255 * values[channels === 1 ? i : i + c * area];
        image.data[at + 3] = 255;
      }
    }
  }
}

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/**
 * A small picture in big pixels.
 * @param {number[]} shape channels, height, width
 * @param {string | null} label null for a picture that a screen reader may skip
 */
export function picture(shape, label) {
  const [, height, width] = shape;
  const names = label === null ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  const canvas = element("canvas", { class: "gnb-picture", width, height, ...names });
  const context = contextOf(canvas), image = context.createImageData(width, height);
  return {
    canvas,
    /** @param {ArrayLike<number>} values @param {[number, number, number] | null} ink */
    draw(values, ink) {
      putImage(image, values, shape, ink);
      context.putImageData(image, 0, 0);
    },
  };
}

/** A button with a small picture on it. @param {number[]} shape @param {string} label @param {() => void} pressed */
export function thumbnail(shape, label, pressed) {
  const { canvas, draw } = picture(shape, null), node = button("", pressed);
  node.classList.add("gnb-start");
  node.setAttribute("aria-label", label);
  node.append(canvas);
  return { node, draw };
}

/**
 * A square with a drawing over what children show.
 * @param {number} extent it reaches from -extent to extent on both axes
 * @param {SVGElement[]} shapes
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
export function square(extent, shapes, attributes, ...children) {
  const drawing = svg("svg", { viewBox: `${-extent} ${-extent} ${2 * extent} ${2 * extent}`, "aria-hidden": "true" }, ...shapes);
  return element("div", { ...attributes, class: `gnb-plane ${attributes.class ?? ""}` }, ...children, drawing);
}

/**
 * A piece of the latent plane with the prior's contours.
 * @param {number} extent
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
export function latentPlane(extent, attributes, ...children) {
  const circles = [1, 2].map((radius) => svg("circle", { r: radius, class: "gnb-dashed" }));
  const ticks = [1, 2].map((radius) =>
    element("span", { class: "gnb-tick", "aria-hidden": "true", style: `left:50%;top:${50 - (50 * radius) / extent}%` }, `${radius}\u03c3`));
  const node = square(extent, circles, attributes, ...children);
  node.append(...ticks);
  return node;
}

/**
 * Decoded images side by side over a square of the latent plane, drawn in slices of a few milliseconds; a later call
 * overtakes an earlier one.
 * @param {number[]} shape of one image
 * @param {number} columns
 * @param {number} extent
 */
export function mosaic(shape, columns, extent) {
  const [, height, width] = shape;
  const canvas = element("canvas", { class: "gnb-images", "aria-hidden": "true", width: columns * width, height: columns * height });
  const context = contextOf(canvas), image = context.createImageData(canvas.width, canvas.height);
  const at = (/** @type {number} */ i) => (2 * extent * (i + 0.5)) / columns - extent;
  let turn = 0;
  return {
    canvas,
    /**
     * @param {(z: number[]) => ArrayLike<number>} decode
     * @param {[number, number, number]} ink
     * @param {boolean} [atOnce]
     */
    draw(decode, ink, atOnce = false) {
      const mine = ++turn;
      let index = 0;
      const slice = () => {
        if (mine !== turn) return;
        const start = performance.now();
        for (; index < columns * columns && (atOnce || performance.now() - start < 8); index++) {
          const column = index % columns, row = Math.floor(index / columns);
          putImage(image, decode([at(column), -at(row)]), shape, ink, column * width, row * height);
        }
        context.putImageData(image, 0, 0);
        if (index < columns * columns) setTimeout(slice);
      };
      slice();
    },
  };
}

/**
 * Points as stored by Python: pairs of float16.
 * @param {DataView} view
 * @param {number} [first] number of the first one
 * @param {number} [count]
 */
export const readPoints = (view, first = 0, count = view.byteLength / 4 - first) => readNumbers(view, 4 * first, 2 * count, "float16");

/** @param {DataView} view */
export const readBytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/**
 * A canvas of dots, sharp on any screen.
 * @param {number} extent
 */
export function scatter(extent) {
  const canvas = element("canvas", { class: "gnb-points", "aria-hidden": "true" }), context = contextOf(canvas);
  return {
    canvas,
    /** Wipe it; give its context in units of the plane, and the length of a pixel of the page. */
    clear() {
      const side = canvas.clientWidth || 300;
      canvas.width = canvas.height = Math.round(side * (devicePixelRatio || 1));
      const scale = canvas.width / (2 * extent);
      context.setTransform(scale, 0, 0, -scale, extent * scale, extent * scale);
      return { context, pixel: (2 * extent) / side, small: side < 240 };
    },
    /**
     * Dots colored by class.
     * @param {ArrayLike<number>} points x, y, x, y, …
     * @param {Uint8Array} labels
     * @param {number | null} [only] the one class to bring out
     */
    draw(points, labels, only = null) {
      const { context, pixel, small } = this.clear();
      for (let i = 0; i < points.length / 2; i++) {
        const label = labels.length ? labels[i] : 0;
        context.globalAlpha = only === null ? 0.8 : label === only ? 0.95 : 0.12;
        context.fillStyle = palette[label % palette.length];
        context.beginPath();
        context.arc(points[2 * i], points[2 * i + 1], (small ? 1.5 : 2.3) * pixel, 0, 7);
        context.fill();
      }
    },
  };
}

/**
 * Arrows as one path, for a drawing whose y points down.
 * @param {number[][][]} ends from where to where each leads
 * @param {number} head its length at most
 */
export const arrows = (ends, head) => ends.map(([[x, y], [u, v]]) => {
  const size = Math.min(head, 0.4 * Math.hypot(u - x, v - y)), angle = Math.atan2(v - y, u - x);
  const at = (/** @type {number} */ right, /** @type {number} */ up) => `${right.toPrecision(6)} ${(-up).toPrecision(6)}`;
  const wing = (/** @type {number} */ turn) => at(u - size * Math.cos(angle + turn), v - size * Math.sin(angle + turn));
  return `M${at(x, y)}L${at(u, v)}M${wing(0.45)}L${at(u, v)}L${wing(-0.45)}`;
}).join("");
