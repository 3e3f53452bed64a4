// @ts-check
// What all explorables share: the frame around them, their controls, and how they draw.

/**
 * The part of an anywidget model that the explorables use.
 * @typedef {object} Model
 * @property {(key: string) => any} get
 * @property {(key: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

let count = 0;

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {Node[]} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** A number for the eye. @param {number} value @param {number} [digits] */
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

/**
 * The frame of an explorable: title, what to try, the body, the readout, what it means.
 * @param {Model} model
 * @param {HTMLElement} el
 */
export function frame(model, el) {
  const id = `gnb-${++count}-${Math.random().toString(36).slice(2, 7)}`;
  const body = element("div", { class: "gnb-body" });
  const readout = element("output", { class: "gnb-readout", "aria-live": "polite" });
  const root = element(
    "div",
    { class: "gnb", role: "group", "aria-labelledby": id },
    element("p", { class: "gnb-title", id }, model.get("title")),
    element("p", { class: "gnb-hint" }, model.get("hint")),
    body,
    readout,
    element("p", { class: "gnb-caption" }, model.get("caption")),
  );
  // JupyterLab's shortcuts would take the keys from whatever has the focus here.
  root.addEventListener("focusin", (event) => {
    if (event.target instanceof Element) event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  });
  el.append(root);
  return { root, body, readout };
}

/**
 * Run a drawing function at most once a screen frame; its cost is left in data-frame-ms.
 * @param {HTMLElement} root
 * @param {() => void} draw
 * @returns {() => void}
 */
export function painter(root, draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const start = performance.now();
      draw();
      root.dataset.frameMs = (performance.now() - start).toFixed(2);
    });
  };
}

/**
 * @param {HTMLElement} root
 * @param {() => void} redraw called when the page turns light or dark
 * @returns {() => void} stops watching
 */
export function watchTheme(root, redraw) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(redraw);
  const filter = { attributeFilter: ["data-theme", "theme", "data-jp-theme-light", "class"] };
  observer.observe(document.documentElement, filter);
  observer.observe(document.body, filter);
  dark.addEventListener("change", redraw);
  return () => (observer.disconnect(), dark.removeEventListener("change", redraw));
}

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
export function putImage(image, values, [channels, height, width], ink, left = 0, top = 0) {
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

/**
 * A small picture in big pixels.
 * @param {number[]} shape channels, height, width
 * @param {string} label
 */
export function picture([, height, width], label) {
  const canvas = element("canvas", { class: "gnb-picture", width, height, role: "img", "aria-label": label });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return { canvas, context, image: context.createImageData(width, height) };
}

/**
 * A labeled slider.
 * @param {{label: string, min: number, max: number, step: number, value: number,
 *   text?: (value: number) => string, above?: Element}} options
 * @param {(value: number) => void} changed
 */
export function slider({ label, min, max, step, value, text = (v) => number(v), above }, changed) {
  const input = element("input", { type: "range", min, max, step, value, "aria-label": label });
  const shown = element("span", { class: "gnb-value" });
  const track = element("span", { class: "gnb-track" }, ...(above ? [above] : []), input);
  const node = element("div", { class: "gnb-slider" }, element("span", { class: "gnb-label" }, label), track, shown);
  const zero = Math.min(max, Math.max(min, 0));
  const show = () => {
    const v = Number(input.value);
    for (const [name, end] of [["--from", Math.min(v, zero)], ["--to", Math.max(v, zero)]]) {
      input.style.setProperty(String(name), `${(100 * (Number(end) - min)) / (max - min || 1)}%`);
    }
    input.setAttribute("aria-valuetext", text(v));
    shown.textContent = text(v);
  };
  input.addEventListener("input", () => (show(), changed(Number(input.value))));
  show();
  return {
    node,
    input,
    shown,
    /** @param {number} v */
    set(v) {
      input.value = String(v);
      show();
    },
  };
}

/**
 * A switch that is on or off.
 * @param {string} label
 * @param {boolean} on
 * @param {(on: boolean) => void} changed
 */
export function toggle(label, on, changed) {
  const input = element("input", { type: "checkbox" });
  input.checked = on;
  input.addEventListener("change", () => changed(input.checked));
  return { node: element("label", { class: "gnb-toggle" }, input, label), input };
}

/**
 * @param {string} label
 * @param {() => void} pressed
 */
export function button(label, pressed) {
  const node = element("button", { type: "button", class: "gnb-button" }, label);
  node.addEventListener("click", pressed);
  return node;
}

/** Ten classes told apart with full and with color-blind sight: the colors of gennb.plot.CLASS_COLORS. */
export const palette = [
  "#3b82c4", "#e08214", "#2a9d72", "#c9639f", "#8c6bb1",
  "#d4ac0d", "#56b4e9", "#a0663c", "#8a9a5b", "#d1495b",
];
