// @ts-check
"use strict";
// What is too wide for the column of text takes the margin beside it, where there is one, and the contents of the page,
// which stand there, step back while it passes.
{
  const contents = document.querySelector(".bd-sidebar-secondary"), passing = new Set();
  const margin = matchMedia("(width >= 1200px)");
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) passing[isIntersecting ? "add" : "delete"](target);
    contents?.classList.toggle("gnb-behind", passing.size > 0);
  }, { rootMargin: "0px 0px -33% 0px" });

  /** Widen those that do not fit; say whether any did not. @param {Element[]} all @param {(each: Element) => boolean} fits */
  function widen(all, fits) {
    for (const each of all) {
      each.classList.remove("gnb-broad");
      observer.unobserve(each);
      passing.delete(each);
    }
    const wide = margin.matches ? all.filter((each) => !fits(each)) : [];
    for (const each of wide) {
      each.classList.add("gnb-broad");
      observer.observe(each);
    }
    return wide.length > 0;
  }
  Object.assign(window, { gnbWiden: widen });

  const tooWide = (/** @type {Element} */ each) => each.scrollWidth > each.clientWidth;

  function fitAll() {
    widen([...document.querySelectorAll(".bd-article .cell > .cell_input")],
      (cell) => !tooWide(/** @type {Element} */ (cell.querySelector("pre"))));
    for (const code of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".bd-article pre"))) {
      code.tabIndex = tooWide(code) ? 0 : -1; // so that the keyboard reaches what scrolls
    }
    for (const table of document.querySelectorAll(".bd-article table")) {
      table.classList.remove("gnb-cards");
      table.classList.toggle("gnb-cards", !margin.matches && tooWide(table) && name(table));
    }
  }

  /** Name each cell of a table by its column, which a card shows; say whether that can be done. @param {Element} table */
  function name(table) {
    const columns = [...table.querySelectorAll("thead th")].map((th) => th.textContent ?? "");
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.children].forEach((cell, i) => cell.setAttribute("data-column", columns[i] ?? ""));
    }
    return columns.length > 0;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const table of document.querySelectorAll(".gnb-broad")) observer.observe(table);
    document.fonts.ready.then(fitAll);
    addEventListener("resize", fitAll);
    document.addEventListener("toggle", fitAll, true);
  });
}
