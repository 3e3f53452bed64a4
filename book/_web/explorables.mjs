// @ts-check
// Runs the explorables that a notebook saved in the page: no kernel, no server, no other library.

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

/** @type {Map<string, Promise<any>>} */
const modules = new Map(), models = new Map(), styles = new Set();
const state = JSON.parse(
  document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]')?.textContent ?? '{"state":{}}',
).state;

/** @param {HTMLElement} el */
async function start(el) {
  if (!waiting.delete(el)) return;
  nearby.unobserve(el);
  try {
    const id = el.dataset.model ?? "", { _esm, _css } = state[id].state;
    if (!modules.has(_esm)) modules.set(_esm, import(URL.createObjectURL(new Blob([_esm], { type: "text/javascript" }))));
    const { default: widget } = await modules.get(_esm);
    if (_css && !styles.has(_css)) document.head.append(Object.assign(document.createElement("style"), { textContent: _css }));
    styles.add(_css);
    if (!models.has(id)) models.set(id, new Model(state[id]));
    await widget.render({ model: models.get(id), el });
  } catch (error) {
    console.error(error);
    el.innerHTML = el.querySelector("noscript")?.textContent ?? "";
    const note = document.createElement("p");
    note.setAttribute("role", "status");
    note.textContent = "This figure could not start here; a still picture stands in for it.";
    el.append(note);
  }
  el.dataset.ready = "";
}

/** @type {Set<HTMLElement>} */
const waiting = new Set(document.querySelectorAll(".gnb-explorable"));
const nearby = new IntersectionObserver(
  (entries) => entries.forEach((e) => e.isIntersecting && start(/** @type {HTMLElement} */ (e.target))),
  { rootMargin: "800px" },
);
for (const el of waiting) nearby.observe(el);

// Those out of sight start one by one, when the page has nothing else to do.
addEventListener("load", async () => {
  for (const el of waiting) {
    await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
    await start(el);
  }
});
