// @ts-check
"use strict";
// Search while one types, section by section. The index is a script of its own, loaded when a reader begins.
{
  /** @typedef {{page: string, title: string, text: string, href: string, kind: string, head: string[], body: Map<string, number>}} Entry */
  const { content_root = "./" } = document.documentElement.dataset;
  const CHINESE = /\p{Script=Han}/u;

  /** British and American spellings become one, here as in the index. @type {[RegExp, string][]} */
  const SPELLINGS = [
    [/metr(?=i[sz])/, "meter"], [/is(?=[aei])/, "iz"], [/ys(?=[ei])/, "yz"], [/ll(?=(ed|ing|er)$)/, "l"], [/grey/, "gray"],
    [/ogue$/, "og"], [/(?<=[a-z]{2})our(?!s?e|[cnt])/, "or"], [/(?<=[bt])re$/, "er"], [/(?<=[bt])red$/, "ered"],
  ];

  /** @param {string} text @returns {string[]} */
  const words = (text) => (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map(spell);
  /** @param {string} text */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  /** @param {string} word */
  const spell = (word) => SPELLINGS.reduce((spelled, [from, to]) => spelled.replace(from, to), word);
  /** @param {string} word */
  const stem = (word) => word.replace(/(?<=.{4})(ations?|ing|ed|es|s|e)$/, "");

  /** How well a word of the query fits a word of the text. @param {string} asked @param {string} word */
  function fit(asked, word) {
    if (word === asked) return 1;
    if (word.startsWith(stem(asked))) return 0.6;
    return CHINESE.test(asked) && word.includes(asked) ? 0.6 : 0;
  }

  /** @type {Promise<Entry[]> | undefined} */
  let index;
  const load = () =>
    (index ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = `${content_root}_static/search-index.js`;
      Object.assign(window, {
        /** @param {Record<string, string[][]>} pages */
        gennbSearch: (pages) => done(Object.entries(pages).flatMap(([page, found]) => found.map((e) => read(page, found, e)))),
      });
      document.head.append(script);
    }));

  /** @param {string} page @param {string[][]} found @param {string[]} entry @returns {Entry} */
  function read(page, found, [id, title, text, kind]) {
    const body = new Map(), first = found[0][0] === id;
    for (const word of words(text)) body.set(word, (body.get(word) ?? 0) + 1);
    const href = `${content_root}${page}.html${first ? "" : `#${id}`}`;
    return { page: first ? "" : found[0][1], title, text, href, kind, head: words(title), body };
  }

  /** The entries that have every word of the query, the best first. @param {Entry[]} entries @param {string[]} asked */
  function find(entries, asked) {
    const scores = asked.map((word) => {
      const fits = entries.map(({ head, body }) => {
        let inText = 0;
        for (const [each, count] of body) inText += fit(word, each) * count;
        return 4 * Math.max(0, ...head.map((each) => fit(word, each))) + inText / (inText + 2);
      });
      const rare = Math.log(1 + entries.length / (1 + fits.filter(Boolean).length));
      return fits.map((each) => each * rare);
    });
    return entries
      .map((entry, i) => {
        const each = scores.map((score) => score[i]);
        const named = asked.every((word) => entry.head.some((each) => fit(word, each)));
        const whole = asked.length / (1 + entry.head.length);
        const weight = entry.kind === "term" && named ? 3 : entry.kind === "object" ? 0.6 : 1;
        return { entry, score: each.every(Boolean) ? each.reduce((a, b) => a + b) * (1 + 5 * whole) * weight : 0 };
      })
      .filter(({ score }) => score)
      .sort((a, b) => b.score - a.score)
      .map(({ entry }) => entry);
  }

  /** Some text around the first word that was asked for; all of them marked. @param {string} text @param {string[]} asked */
  function snippet(text, asked) {
    const line = document.createElement("p"), parts = text.split(/([\p{L}\p{N}]+)/u);
    const hits = parts.map((part) => words(part).some((word) => asked.some((each) => fit(each, word))));
    const start = Math.max(0, hits.indexOf(true) - 16);
    if (start) line.append("… ");
    parts.slice(start, start + 64).forEach((part, i) => {
      const mark = document.createElement("mark");
      mark.textContent = part;
      line.append(hits[start + i] ? mark : part);
    });
    if (parts.length > start + 64) line.append(" …");
    return line;
  }

  /** @param {Entry} entry @param {string[]} asked */
  function result(entry, asked) {
    const item = document.createElement("li"), link = document.createElement("a"), place = document.createElement("span");
    link.href = entry.href;
    link.textContent = entry.title;
    place.textContent = entry.page;
    item.append(link, place, snippet(entry.text, asked));
    return item;
  }

  for (const form of document.querySelectorAll("form.bd-search")) {
    const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
    const count = document.createElement("p"), list = document.createElement("ol"), results = document.createElement("div");
    results.className = "gnb-results";
    count.role = "status";
    results.append(count, list);
    form.after(results);

    const answer = async () => {
      const asked = words(input.value), query = input.value;
      const found = asked.length ? find(await load(), asked) : [];
      if (query !== input.value) return;
      list.replaceChildren(...found.slice(0, 20).map((entry) => result(entry, asked)));
      count.textContent = asked.length ? `${found.length || "No"} ${found.length === 1 ? "place" : "places"} found` : "";
    };
    input.addEventListener("focus", load, { once: true });
    input.addEventListener("input", answer);
    input.addEventListener("keydown", (event) => {
      const first = list.querySelector("a");
      if (event.key !== "ArrowDown" || !first) return;
      event.preventDefault();
      first.focus();
    });
    results.addEventListener("keydown", ({ key }) => key === "Escape" && input.focus());
    list.addEventListener("click", () => form.closest(".show")?.classList.remove("show"));
    if (form.closest(".bd-search-container")) {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      answer();
    }
  }
}
