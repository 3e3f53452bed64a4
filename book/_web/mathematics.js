// @ts-check
"use strict";
// Sets the mathematics of a page, a few formulas at a time, so that a slow machine answers its reader in between. A
// formula too wide for the column takes the margin or breaks; when the column changes, all are set again.
{
  const files = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/[^/]*$/, "mathjax");
  const article = /** @type {HTMLElement} */ (document.querySelector(".bd-article"));
  const MEASURED = 110; // what MathJax does from this step on depends on the room that a formula has
  const again = () => MathJax.startup.document.rerenderPromise(MEASURED);
  const displays = () => [...document.querySelectorAll("div.math")];

  /** Lines that are aligned at their signs, one below the other from the left: a narrow column has no room for both sides. @param {string} tex */
  const stacked = (tex) => tex.replace(/(\\begin{aligned})([^]*?)(\\end{aligned})/g, (all, begin, lines, end) => {
    if (lines.includes("\\begin")) return all;
    const rows = lines.split(/\\\\(?:\[[^\]]*\])?/).flatMap((/** @type {string} */ line) => {
      const cells = line.split("&");
      return cells.flatMap((left, i) => i % 2 ? [] : [`& ${left.trim() ? left : "\\quad"} ${cells[i + 1] ?? ""}`]);
    });
    return [begin, rows.join("\\\\"), end].join(" ");
  });

  /** @param {Element[]} formulas */
  async function set(formulas) {
    const few = matchMedia("print").matches ? Infinity : 10; // a printer asks for nothing in between
    for (let i = 0; i < formulas.length; i += few) {
      await MathJax.typesetPromise(formulas.slice(i, i + few));
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** The TeX of what is aligned. */
  const aligned = new Map(displays().flatMap((each) => {
    const tex = each.lastChild?.textContent ?? "";
    return tex.includes("{aligned}") ? [[each, tex]] : [];
  }));
  const narrow = () => article.clientWidth < 576;
  let stacks = false;

  /** Write it for the column as it is. */
  function write() {
    stacks = narrow();
    for (const [each, tex] of aligned) each.lastChild?.replaceWith(stacks ? stacked(tex) : tex);
  }

  async function setAll() {
    if (narrow()) write();
    await set([...document.querySelectorAll(".math")]);
    await widen();
    let width = article.clientWidth, waiting = 0;
    /** @type {((value?: any) => void)[]} */
    const waits = [];
    const later = () => {
      clearTimeout(waiting);
      MathJax.startup.promise = new Promise((done) => waits.push(done));
      waiting = setTimeout(async () => {
        const all = waits.splice(0);
        await fit();
        for (const done of all) done();
      }, 100);
    };
    new ResizeObserver(() => width !== (width = article.clientWidth) && later()).observe(article);
    article.addEventListener("toggle", later, true); // what is folded away has no width yet
  }

  /** Set again in the room that there is now. */
  async function fit() {
    window.gnbWiden?.(displays(), () => true);
    if (stacks !== narrow()) {
      const all = [...aligned.keys()];
      MathJax.typesetClear(all);
      write();
      await set(all);
    }
    await again();
    await widen();
  }

  async function widen() {
    if (window.gnbWiden?.(displays(), (formula) => !formula.querySelector("mjx-linestack"))) await again();
  }

  let ready = (/** @type {any} */ _) => {};
  Object.assign(window, { gnbMathematics: new Promise((done) => (ready = done)), MathJax: {
    loader: {
      paths: { mathjax: files, "mathjax-newcm": `${files}/newcm` },
      load: ["core", "input/tex", "output/chtml", "a11y/assistive-mml"],
    },
    output: { font: "mathjax-newcm", displayOverflow: "linebreak", linebreaks: { inline: true, width: "98%" } },
    startup: {
      typeset: false,
      ready() {
        MathJax.startup.defaultReady();
        ready(MathJax.startup.promise);
        MathJax.startup.promise = MathJax.startup.promise.then(setAll);
      },
    },
  } });
  const script = document.createElement("script");
  script.src = `${files}/startup.js`;
  document.head.append(script);
}
