// @ts-check
// Controls: each shows what get() returns when it is told to sync, and hands what the reader chooses to set().

import { draggable } from "./drag.js";
import { element, number } from "./elements.js";

const THUMB = 16; // pixels, as in kit.css

/** @template Value @typedef {{get: () => Value, set: (value: Value) => void}} Bound */
/** @typedef {{node: HTMLElement, sync: () => void}} Control */

/**
 * A labeled slider; beside a slider that only rules what comes later the picture stays as it is.
 * @param {Bound<number> & {label: string, min: number, max: number, step: number, text?: (value: number) => string,
 *   above?: Element, later?: boolean}} options
 * @returns {Control & {shown: HTMLElement}}
 */
export function slider({ label, min, max, step, get, set, text = (v) => number(v), above, later = false }) {
  const input = element("input", { type: "range", min, max, step, "aria-label": label, ...(later && { "data-later": "" }) });
  const shown = element("span", { class: "gnb-value" });
  const track = element("span", { class: "gnb-track" }, ...(above ? [above] : []), input);
  const zero = Math.min(max, Math.max(min, 0));
  const show = () => {
    const v = Number(input.value), share = (/** @type {number} */ end) => `${(100 * (end - min)) / (max - min || 1)}%`;
    input.style.setProperty("--from", share(Math.min(v, zero)));
    input.style.setProperty("--to", share(Math.max(v, zero)));
    input.setAttribute("aria-valuetext", (shown.textContent = text(v)));
  };
  const move = () => (show(), set(Number(input.value)));
  const finger = draggable(input, (x) => {
    const share = (x * input.clientWidth - THUMB / 2) / (input.clientWidth - THUMB);
    input.value = String(min + share * (max - min));
    move();
  }, { mouse: false });
  // A browser moves the thumb to wherever a finger comes down.
  input.addEventListener("input", () => (finger() ? (input.value = String(get())) : move()));
  return {
    node: element("div", { class: "gnb-slider" }, element("span", { class: "gnb-label" }, label), track, shown),
    shown,
    sync: () => ((input.value = String(get())), show()),
  };
}

/**
 * A switch that is on or off.
 * @param {Bound<boolean> & {label: string | Node}} options
 * @returns {Control & {input: HTMLInputElement}}
 */
export function toggle({ label, get, set }) {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => set(input.checked));
  return { node: element("label", { class: "gnb-toggle" }, input, label), input, sync: () => (input.checked = get()) };
}

/**
 * One of a few, by radio buttons.
 * @param {Bound<string> & {label: string, options: [string, string][]}} options names and what stands beside them
 * @returns {Control}
 */
export function choice({ label, options, get, set }) {
  const group = `gnb-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map(([value]) => element("input", { type: "radio", name: group, value }));
  for (const input of inputs) input.addEventListener("change", () => set(input.value));
  const labels = options.map(([, text], i) => element("label", { class: "gnb-toggle" }, inputs[i], text));
  return {
    node: element("fieldset", { class: "gnb-choice" }, element("legend", {}, label), ...labels),
    sync: () => inputs.forEach((input) => (input.checked = input.value === get())),
  };
}

/** @param {string} label @param {() => void} pressed */
export function button(label, pressed) {
  const node = element("button", { type: "button", class: "gnb-button" }, label);
  node.addEventListener("click", pressed);
  return node;
}

/**
 * Answer keys by name, and keep them from the page; with Ctrl, Alt or Meta they are the browser's, and a space is its
 * button's that has the focus.
 * @param {HTMLElement} node
 * @param {Record<string, (shift: boolean) => void>} keys
 */
export function onKeys(node, keys) {
  node.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && /** @type {Element} */ (event.target).matches("button, summary, input:not([type=range])")) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key](event.shiftKey);
  });
}

/**
 * A handle in a plot that answers keys as a slider does.
 * @param {Bound<number> & {class: string, label: string, min: number, max: number, small: number, big: number,
 *   text?: () => string, keys?: Record<string, () => void>}} options steps of arrow and page keys; other keys
 * @returns {Control}
 */
export function knob({ class: name, label, min, max, small, big, get, set, text, keys = {} }) {
  const node = element("div", { class: name, role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": min, "aria-valuemax": max });
  const by = (/** @type {number} */ step) => () => set(get() + step);
  onKeys(node, {
    ArrowLeft: by(-small), ArrowDown: by(-small), ArrowRight: by(small), ArrowUp: by(small),
    PageDown: by(-big), PageUp: by(big), Home: () => set(min), End: () => set(max), ...keys,
  });
  return {
    node,
    sync() {
      node.setAttribute("aria-valuenow", get().toFixed(3));
      if (text) node.setAttribute("aria-valuetext", text());
    },
  };
}
