// @ts-check
// The frame around an explorable, and its life: what it draws and when, its controls, how it plays, how it ends.

import { button, choice, onKeys, slider, toggle } from "./controls.js";
import { box, element } from "./elements.js";
import { linkTo, readLink } from "./link.js";

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
const NARROW = 480; // pixels, as in kit.css

let count = 0;

/**
 * An explorable: title, what to try, the body, the readout, what it means.
 * @param {Context} context
 */
export function stage({ model, el }) {
  const id = `gnb-${++count}-${Math.random().toString(36).slice(2, 7)}`;
  const rules = model.get("linked"), onSite = Boolean(el.dataset.explorable);
  /** What a reader may change, as the page has it. @type {Record<string, any>} */
  const first = Object.fromEntries(Object.keys(rules).map((name) => [name, model.get(name)]));
  if (onSite) for (const [name, value] of Object.entries(readLink(el.id, rules))) model.set(name, value);

  const tools = box("gnb-tools"), body = box("gnb-body");
  const readout = element("output", { class: "gnb-readout", "aria-live": "polite" });
  const caption = element("details", { class: "gnb-caption" },
    element("summary", {}, "What it shows"), element("p", {}, model.get("caption")));
  const root = element(
    "div",
    { class: "gnb", role: "group", "aria-labelledby": id },
    box("gnb-head", element("p", { class: "gnb-title", id }, model.get("title")), tools),
    element("p", { class: "gnb-hint" }, model.get("hint")),
    body,
    readout,
    caption,
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
    if (look) caption.open = root.clientWidth > NARROW;
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
  /** What a reset does after it has given the traits back. @type {(() => void)[]} */
  const resets = [];
  const restart = button("Reset", () => {
    change(first);
    for (const each of resets) each();
    changed();
  });
  const share = button("Copy link", async () => {
    const moved = Object.keys(first).filter((name) => JSON.stringify(model.get(name)) !== JSON.stringify(first[name]));
    const address = linkTo(el.id, Object.fromEntries(moved.map((name) => [name, model.get(name)])));
    try {
      await navigator.clipboard.writeText(address);
      share.textContent = "Copied";
      setTimeout(() => (share.textContent = "Copy link"), 2000);
    } catch {
      location.assign(address); // where a page may not write to the clipboard, the address bar has it
    }
  });
  tools.append(restart, ...(onSite ? [share] : []));

  /** @template {Control} Made @param {Made} made @returns {Made} */
  const control = (made) => (controls.push(made), made);
  /**
   * Bind a control to a trait, or to one number of its list, unless it has a get and set of its own.
   * @param {any} options
   */
  const bound = ({ trait, part, ...options }) => {
    const get = options.get ?? (() => (part === undefined ? model.get(trait) : model.get(trait)[part]));
    if (!trait) {
      const start = get();
      resets.push(() => get() !== start && options.set(start));
    }
    return {
      ...options,
      get,
      set(/** @type {any} */ value) {
        if (options.set) options.set(value);
        else change({ [trait]: part === undefined ? value : model.get(trait).with(part, value) });
        changed();
      },
    };
  };

  return {
    root, body, readout, repaint, change, control, resets,
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
    /** @param {{label: string, trait: string, options: [string, string][], get?: () => string, set?: (v: string) => void}} options */
    choice: (options) => control(choice(bound(options))),

    /**
     * A row that plays, with keys for it. While it plays, the row stays in sight, and pace goes before each drawing
     * that is in sight.
     * @param {string} label
     * @param {(ms: number) => void} pace milliseconds since the last one
     * @param {{step: [string, () => void], begin?: () => void, end?: () => void, reset?: () => void}} also
     *   one step, by its name; what to do when it begins, ends, and goes back to the start
     */
    player(label, pace, { step: [name, act], begin, end, reset }) {
      const play = button(label, () => {
        if (beat) return stop();
        begin?.();
        beat = pace;
        before = performance.now();
        play.textContent = "Pause";
        root.dataset.playing = "";
        readout.setAttribute("aria-live", "off");
        repaint();
      });
      const stop = () => {
        if (!beat) return;
        beat = null;
        play.textContent = label;
        delete root.dataset.playing;
        readout.setAttribute("aria-live", "polite");
        end?.();
        repaint();
      };
      /** A button that pauses, then acts. @param {string} text @param {() => void} does */
      const once = (text, does) => button(text, () => (stop(), does(), repaint()));
      play.classList.add("gnb-play");
      const step = once(name, act), keys = { " ": play, ".": step, r: restart };
      for (const [key, node] of Object.entries(keys)) node.setAttribute("aria-keyshortcuts", key === " " ? "Space" : key);
      onKeys(root, Object.fromEntries(Object.entries(keys).map(([key, node]) => [key, () => node.click()])));
      root.tabIndex = -1; // so that a click on the card brings its keys
      resets.push(stop, ...(reset ? [reset] : []));
      const kbd = (/** @type {string} */ key) => element("kbd", {}, key);
      return {
        stop,
        once,
        get playing() { return beat !== null; },
        /** @param {Node[]} buttons beside those of every player @param {Node[]} settings */
        row: (buttons, ...settings) => box("gnb-transport",
          box("gnb-controls", play, step, ...buttons, restart),
          ...settings,
          element("p", { class: "gnb-shortcuts" },
            "Keys: ", kbd("Space"), " plays and pauses, ", kbd("."), " steps, ", kbd("R"), " resets.")),
      };
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
