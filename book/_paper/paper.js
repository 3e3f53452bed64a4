// @ts-check
"use strict";
// The pages of the built site as one document, for the printer; and the same document, typeset, as the chapters of an
// EPUB. Chromium does both, since it reads pages, drawings and formulas as the site's readers see them.

/** @typedef {{title: string, author: string, parts: {title: string, pages: string[]}[]}} Book */
/** @typedef {{id: string, level: number, title: string}} Entry */

/** @param {string} page */
const slug = (page) => page.replaceAll("/", "-");

/** @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** @param {string} page */
async function read(page) {
  const text = await (await fetch(`/${page}.html`)).text();
  const tree = new DOMParser().parseFromString(text, "text/html");
  const article = tree.querySelector("article.bd-article");
  const address = tree.querySelector("link[rel=canonical]")?.getAttribute("href");
  if (!article || !address) throw new Error(`${page}.html has no article or no address`);
  return { page, tree, article, address };
}

/** Make the ids of a page its own, and all that refers to them; what has the id of another loses it. @param {Element} article @param {string} prefix */
function own(article, prefix) {
  const seen = new Set();
  for (const element of article.querySelectorAll("[id]")) {
    if (seen.has(element.id)) element.removeAttribute("id");
    seen.add(element.id);
  }
  for (const element of article.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (["id", "for", "aria-labelledby", "aria-describedby"].includes(name)) element.setAttribute(name, prefix + value);
      else if (["href", "xlink:href"].includes(name) && value[0] === "#") element.setAttribute(name, `#${prefix}${value.slice(1)}`);
      else if (value.includes("url(#")) element.setAttribute(name, value.replaceAll("url(#", `url(#${prefix}`));
    }
  }
}

/** What belongs to a screen goes; what is folded opens, except for code that only draws. @param {Element} article @param {string} address */
function prepare(article, address) {
  for (const part of article.querySelectorAll("script, .headerlink, details.hide, .gnb-needs-kernel, .sd-summary-state-marker")) part.remove();
  for (const box of article.querySelectorAll("details")) box.setAttribute("open", "");
  for (const entry of article.querySelectorAll("[role=doc-biblioentry]")) entry.removeAttribute("role"); // it is no more
  for (const letter of article.querySelectorAll(":is(h1, h2, h3, h4) .math")) {
    // An outline holds no formulas.
    if (/^\\\(\w\\\)$/.test(letter.textContent ?? "")) letter.replaceWith(make("em", {}, letter.textContent?.[2] ?? ""));
  }
  for (const image of article.querySelectorAll("img")) image.removeAttribute("loading");
  for (const note of article.querySelectorAll(".gnb-still-note")) {
    note.replaceWith(make("p", { class: "gnb-live" }, "It answers its reader at ", make("a", { href: address }, address.replace("https://", "")), "."));
  }
}

/** Links between pages lead to places in the document, all others to the site. @param {Element} article @param {string} address @param {Map<string, string>} pages */
function point(article, address, pages) {
  for (const link of article.querySelectorAll("a[href]:not([href^='#'])")) {
    const { href, hash } = new URL(link.getAttribute("href") ?? "", address);
    const page = pages.get(href.replace(hash, ""));
    link.setAttribute("href", page ? `#${slug(page)}${hash.replace("#", "--")}` : href);
  }
}

/** The headings of an article for the table of contents: its own and its sections'. @param {Element} article @returns {Entry[]} */
function headings(article) {
  return [...article.querySelectorAll("h1, section > h2")].map((heading) => ({
    id: (heading.tagName === "H1" ? article : /** @type {Element} */ (heading.parentElement)).id,
    level: Number(heading.tagName[1]),
    title: heading.textContent ?? "",
  }));
}

/** @param {Book} book */
async function assemble(book) {
  const chapters = new Map();
  for (const page of book.parts.flatMap((part) => part.pages)) chapters.set(page, await read(page));
  const pages = new Map([...chapters.values()].map(({ page, address }) => [address, page]));
  const contents = make("nav", { class: "gnb-contents", "aria-label": "Contents" }, make("p", { class: "gnb-heading" }, "Contents"));
  const places = [], styles = [];
  /** @param {Entry} entry */
  const list = ({ id, level, title }) =>
    contents.append(make("a", { href: `#${id}`, class: `gnb-level-${level}` }, make("span", {}, title), make("i"), make("b", { "data-of": id })));
  for (const { title, pages: within } of book.parts) {
    if (title) list({ id: `part-${slug(within[0])}`, level: 0, title });
    for (const page of within) {
      const { article, address } = chapters.get(page), name = slug(page), first = page === within[0];
      own(article, `${name}--`);
      point(article, address, pages);
      prepare(article, address);
      article.id = name;
      for (const image of article.querySelectorAll("img")) image.setAttribute("src", new URL(image.getAttribute("src"), `${location.origin}/${page}`).href);
      for (const heading of article.querySelectorAll("h1, h2, h3, h4")) heading.setAttribute("aria-level", `${Number(heading.tagName[1]) + 1}`);
      if (!title) {
        article.querySelector("h1").textContent = "About this book";
        article.querySelector("h1").setAttribute("aria-level", "1");
      }
      headings(article).forEach(list);
      const head = JSON.stringify(article.querySelector("h1").textContent);
      styles.push(`#${name} { page: ${name} } @page ${name} { @top-center { content: ${head} } }`);
      if (title && first) article.prepend(make("p", { class: "gnb-part", role: "heading", "aria-level": "1", id: `part-${name}` }, title));
      places.push(article);
    }
  }
  const { tree, address } = chapters.get(book.parts[0].pages[0]);
  for (const script of tree.querySelectorAll("script")) {
    if (!/math/i.test(script.getAttribute("src") ?? "") && !/^\s*window\.MathJax/.test(script.text)) script.remove();
  }
  tree.documentElement.dataset.theme = "light";
  tree.title = book.title;
  tree.head.append(make("link", { rel: "stylesheet", href: "/paper.css" }), make("style", {}, styles.join("\n")));
  const site = address.replace(/[^/]*$/, "");
  const front = make("header", { class: "gnb-front" },
    make("p", { class: "gnb-book-title" }, book.title), make("p", {}, book.author), make("p", {}, make("a", { href: site }, site.replace("https://", ""))));
  const text = make("div", { class: "bd-article-container" }, ...places);
  tree.body.replaceChildren(front, contents, make("main", { class: "bd-main" }, make("div", { class: "bd-content" }, text)));
  return `<!DOCTYPE html>${tree.documentElement.outerHTML}`;
}

/** Let formulas be read as what they were written in. */
function nameFormulas() {
  for (const { typesetRoot, math } of MathJax.startup.document.math) {
    typesetRoot.setAttribute("role", "img");
    typesetRoot.setAttribute("aria-label", math);
  }
}

/** Number the table of contents. @param {Record<string, number>} numbers the pages of its entries, by id */
function number(numbers) {
  for (const place of document.querySelectorAll("[data-of]")) place.textContent = `${numbers[place.dataset.of]}`;
}

/** The chapters of the document, typeset, as XHTML with MathML. */
function chapters() {
  for (const formula of MathJax.startup.document.math) {
    const mathml = new DOMParser().parseFromString(MathJax.startup.toMML(formula.root), "text/xml").documentElement;
    for (const element of [mathml, ...mathml.querySelectorAll("*")]) {
      for (const { name } of [...element.attributes]) if (/^(data-|class$)/.test(name)) element.removeAttribute(name);
    }
    formula.typesetRoot.replaceWith(mathml);
  }
  const articles = [...document.querySelectorAll("article.bd-article")];
  const homes = new Map(articles.flatMap((article) => [article, ...article.querySelectorAll("[id]")].map((element) => [element.id, article.id])));
  return articles.map((article) => {
    const entries = headings(article), part = article.querySelector(".gnb-part")?.textContent ?? null;
    for (const link of article.querySelectorAll("a[href^='#']")) {
      const id = link.getAttribute("href")?.slice(1) ?? "";
      link.setAttribute("href", `${homes.get(id)}.xhtml#${id}`);
    }
    const images = [...article.querySelectorAll("img")].map((image) => image.src);
    for (const image of article.querySelectorAll("img")) image.setAttribute("src", `images/${image.src.replace(/.*\//, "")}`);
    return { id: article.id, part, entries, images, xhtml: new XMLSerializer().serializeToString(article) };
  });
}
