// @ts-check
"use strict";
// Starts the explorables of a page from what its notebook saved: no kernel, no server, no other library. A classic
// script, as theirs are: a page opened from disk may not load modules. It stands in the head, before anything is drawn.
{
  /** What an anywidget asks of its model. */
  class Model {
    /** @type {Map<string, Set<(...values: any[]) => void>>} */
    #listeners = new Map();
    /** @type {Record<string, any>} */
    #state;
    /** @param {{state: Record<string, any>, buffers?: {path: string[], data: string}[]}} saved */
    constructor({ state, buffers = [] }) {
      this.#state = { ...state };
      for (const { path, data } of buffers) {
        this.#state[path[0]] = new DataView(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer);
      }
    }
    /** @param {string} key */
    get(key) {
      return this.#state[key];
    }
    /** @param {string} key @param {any} value */
    set(key, value) {
      if (this.#state[key] === value) return;
      this.#state[key] = value;
      for (const event of [`change:${key}`, "change"]) this.#listeners.get(event)?.forEach((f) => f(this, value));
    }
    /** @param {string} event @param {(...values: any[]) => void} f */
    on(event, f) {
      this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(f));
    }
    /** @param {string} event @param {(...values: any[]) => void} f */
    off(event, f) {
      this.#listeners.get(event)?.delete(f);
    }
    save_changes() {}
    send() {}
  }

  /** @type {Record<string, {render(context: {model: Model, el: HTMLElement}): any}>} */
  const explorables = {};
  Object.assign(window, { gennbExplorables: explorables });
  document.documentElement.dataset.explorables = ""; // their room is kept free, and no line says that scripts are off

  document.addEventListener("DOMContentLoaded", () => {
    const saved = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]')?.textContent;
    const { state } = JSON.parse(saved ?? '{"state":{}}'), models = new Map();

    /** @param {HTMLElement} el */
    async function start(el) {
      if (!waiting.delete(el)) return;
      nearby.unobserve(el);
      const { explorable = "", model: id = "" } = el.dataset, still = [...el.children];
      try {
        if (!models.has(id)) models.set(id, new Model(state[id]));
        await explorables[explorable].render({ model: models.get(id), el });
        el.dataset.ready = "";
      } catch (error) {
        console.error(error);
        el.replaceChildren(...still);
        el.dataset.ready = "failed";
      }
    }

    /** @type {Set<HTMLElement>} */
    const waiting = new Set(document.querySelectorAll(".gnb-explorable"));
    const nearby = new IntersectionObserver(
      (entries) => entries.forEach((e) => e.isIntersecting && start(/** @type {HTMLElement} */ (e.target))),
      { rootMargin: "2500px" },
    );
    for (const el of waiting) nearby.observe(el);
    for (const el of [...waiting].slice(0, 1)) start(el); // before the mathematics is set

    // Those out of sight start one by one, when the page has nothing else to do.
    addEventListener("load", async () => {
      for (const el of waiting) {
        await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
        await start(el);
      }
    });
  });
}
