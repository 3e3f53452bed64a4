// @ts-check
// The frame around an explorable, and its life: what it draws and when, its controls, how it plays, how it ends.

import { button, choice, slider, toggle } from "./controls.js";
import { element } from "./elements.js";

/**
 * The part of an anywidget model that the explorables use.
 * @typedef {object} Model
 * @property {(key: string) => any} get
 * @property {(key: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */
/** @typedef {{model: Model, el: HTMLElement}} Context what anywidget hands to render */
/** @typedef {import("./controls.js").Control} Control */

const LONGEST = 100; // milliseconds that may seem to have passed between two frames

let count = 0;

/**
 * An explorable: title, what to try, the body, the readout, what it means.
 * @param {Context} context
 */
export function stage({ model, el }) {
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

  /** @type {Control[]} */
  const controls = [];
  /** @type {(look: boolean) => void} */
  let draw = () => {};
  /** @type {((ms: number) => void) | null} */
  let beat = null;
  let waiting = 0, before = 0, width = 0, drawing = false, look = true, seen = true;

  const frame = () => {
    waiting = 0;
    const start = performance.now();
    if (beat && seen) beat(Math.min(LONGEST, start - before));
    before = start;
    drawing = true;
    width = root.clientWidth;
    draw(look);
    drawing = look = false;
    root.dataset.frameMs = (performance.now() - start).toFixed(2);
    if (beat) repaint();
  };
  /** Draw once more, at most once a screen frame; what that took is left in data-frame-ms. */
  const repaint = () => (waiting ||= requestAnimationFrame(frame));
  const changed = () => {
    if (drawing) return; // what a drawing leaves in the model is a result
    for (const control of controls) control.sync();
    repaint();
  };
  const looksChanged = () => ((look = true), repaint());

  /** @param {Record<string, any>} values */
  const change = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  /** @template {Control} Made @param {Made} made @returns {Made} */
  const control = (made) => (controls.push(made), made);
  /**
   * Bind a control to a trait, or to one number of its list, unless it has a get and set of its own.
   * @param {any} options
   */
  const bound = ({ trait, part, ...options }) => ({
    get: () => (part === undefined ? model.get(trait) : model.get(trait)[part]),
    ...options,
    set(/** @type {any} */ value) {
      if (options.set) options.set(value);
      else change({ [trait]: part === undefined ? value : model.get(trait).with(part, value) });
      changed();
    },
  });

  return {
    root, body, readout, repaint, change, control,
    get: (/** @type {string} */ name) => model.get(name),
    /** Several traits by their names. @param {string[]} names @returns {any} */
    values: (...names) => Object.fromEntries(names.map((name) => [name, model.get(name)])),

    /**
     * A slider of a trait, between its limits. See controls.js for the other options.
     * @param {{label: string, trait?: string, part?: number, limits?: string, min?: number, max?: number, step: number,
     *   get?: () => number, set?: (v: number) => void, text?: (v: number) => string, above?: Element, later?: boolean}} options
     */
    slider(options) {
      const [min, max] = model.get("limits")[options.limits ?? options.trait ?? ""] ?? [];
      return control(slider({ min, max, ...bound(options) }));
    },
    /** @param {{label: string | Node, trait?: string, get?: () => boolean, set?: (on: boolean) => void}} options */
    toggle: (options) => control(toggle(bound(options))),
    /** @param {{label: string, trait: string, options: [string, string][]}} options */
    choice: (options) => control(choice(bound(options))),

    /**
     * A button that plays and pauses. While it plays, step goes before each drawing that is in sight.
     * @param {string} label
     * @param {(ms: number) => void} step milliseconds since the last one
     * @param {{begin?: () => void, end?: () => void}} [also]
     */
    player(label, step, { begin, end } = {}) {
      const node = button(label, () => {
        if (beat) return stop();
        begin?.();
        beat = step;
        before = performance.now();
        node.textContent = "Pause";
        readout.setAttribute("aria-live", "off");
        repaint();
      });
      const stop = () => {
        if (!beat) return;
        beat = null;
        node.textContent = label;
        readout.setAttribute("aria-live", "polite");
        end?.();
        repaint();
      };
      return { node, stop, get playing() { return beat !== null; } };
    },

    /**
     * Draw now and after every change of the model, of the theme or of the width.
     * @param {(look: boolean) => void} drawAll gets whether theme or width have changed since the last time
     * @returns {() => void} ends it all
     */
    show(drawAll) {
      draw = drawAll;
      const theme = new MutationObserver(looksChanged), filter = ["data-theme", "theme", "data-jp-theme-light", "class"];
      for (const page of [document.documentElement, document.body]) theme.observe(page, { attributeFilter: filter });
      const dark = matchMedia("(prefers-color-scheme: dark)");
      dark.addEventListener("change", looksChanged);
      const size = new ResizeObserver(() => root.clientWidth !== width && looksChanged());
      const sight = new IntersectionObserver((all) => (seen = all[all.length - 1].isIntersecting));
      size.observe(root);
      sight.observe(root);
      model.on("change", changed);
      changed();
      return () => {
        beat = null;
        cancelAnimationFrame(waiting);
        for (const observer of [theme, size, sight]) observer.disconnect();
        dark.removeEventListener("change", looksChanged);
        model.off("change", changed);
      };
    },
  };
}
