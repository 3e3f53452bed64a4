// @ts-check
"use strict";
// Shows what a link leads to before it is followed: on hover, on focus by the keyboard, and on a first tap.
{
  /** What can be shown of each page that a script has told of, by id. @type {Record<string, Record<string, string>>} */
  const pages = {};
  Object.assign(window, { gennbPreviews: pages });
  const { content_root = "./" } = document.documentElement.dataset, base = new URL(content_root, location.href).href;
  const article = document.querySelector(".bd-article"), box = document.createElement("div");
  box.id = box.className = "gnb-preview";
  box.role = "tooltip";

  /** @type {Record<string, Promise<Event>>} */
  const loaded = {};
  /** Load a script of the site, once. @param {string} path */
  const load = (path) => (loaded[path] ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${base}_static/${path}`;
    script.onload = done;
    script.onerror = (event) => {
      delete loaded[path]; // it may come when it is asked for again
      done(event);
    };
    document.head.append(script);
  }));
  /** @type {HTMLAnchorElement | undefined} */
  let wanted;
  let touched = false, timer = 0;

  /** @param {EventTarget | null} target @returns {HTMLAnchorElement | undefined} */
  const linkAt = (target) =>
    (target instanceof Element && target.closest(".bd-article a.internal[href*='#']")) || undefined;
  const shown = () => (box.isConnected ? wanted : undefined);

  /** @param {HTMLAnchorElement} link */
  async function excerpt(link) {
    const page = link.href.split(/[?#]/)[0].slice(base.length).replace(/\.html$/, "") || "index";
    await load(`previews/${page}.js`);
    return pages[page]?.[decodeURIComponent(link.hash.slice(1))];
  }

  /** Tell if there was something to show. @param {HTMLAnchorElement} link */
  async function show(link) {
    if (shown() === link) return true;
    hide();
    wanted = link;
    const content = await excerpt(link);
    if (!content || wanted !== link) return Boolean(content);
    box.innerHTML = content;
    box.style.visibility = "hidden";
    article?.append(box);
    if (box.querySelector(".math")) {
      if (!Object(window).gnbMathematics) await load("mathematics.js"); // the page has no formula of its own
      await Object(window).gnbMathematics;
      await Object(window).MathJax?.typesetPromise?.([box]);
    }
    if (shown() !== link) return true;
    link.removeAttribute("title"); // the browser would show it, too
    link.setAttribute("aria-describedby", box.id);
    place(link.getClientRects()[0]);
    return true;
  }

  /** Under the link, or above it where there is more room. @param {DOMRect} link */
  function place(link) {
    const origin = (box.offsetParent ?? document.body).getBoundingClientRect(), { width, height } = box.getBoundingClientRect();
    const below = link.bottom + 6 + height < innerHeight || link.top < innerHeight - link.bottom;
    const left = Math.max(12, Math.min(link.left, document.documentElement.clientWidth - width - 12));
    box.style.left = `${left - origin.left}px`;
    box.style.top = `${(below ? link.bottom + 6 : link.top - 6 - height) - origin.top}px`;
    box.style.visibility = "";
  }

  function hide() {
    wanted?.removeAttribute("aria-describedby");
    wanted = undefined;
    Object(window).MathJax?.typesetClear?.([box]);
    box.remove();
  }

  /** @param {() => void} act @param {number} wait */
  function soon(act, wait) {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  }

  addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    const link = linkAt(target);
    if (link) soon(() => show(link), 120);
    else if (box.contains(/** @type {Node} */ (target))) clearTimeout(timer);
    else soon(hide, 250);
  });
  addEventListener("focusin", ({ target }) => {
    const link = linkAt(target);
    if (link?.matches(":focus-visible")) show(link);
  });
  addEventListener("focusout", hide);
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("hashchange", hide);
  addEventListener("pointerdown", ({ target, pointerType }) => {
    touched = pointerType === "touch";
    if (linkAt(target) !== shown() && !box.contains(/** @type {Node} */ (target))) hide();
  });
  addEventListener("click", async (event) => {
    const link = linkAt(event.target);
    if (!link || !touched || link === shown()) return;
    event.preventDefault();
    if (!(await show(link))) location.href = link.href;
  });
}
