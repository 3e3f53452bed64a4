// @ts-check
"use strict";
// Lays the rows of a table of milestones out in time: a mark for each, and what the chosen one says. The table stays.
for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll("table.gnb-milestones"))) {
  const SIZE = 26; // pixels from mark to mark
  const rows = [...table.tBodies[0].rows], years = rows.map(({ cells: [year] }) => Number(year.textContent));
  const [first, last] = [10 * Math.floor(Math.min(...years) / 10), Math.max(...years)];

  const make = (/** @type {string} */ tag, /** @type {string} */ className, text = "") =>
    Object.assign(document.createElement(tag), { className, textContent: text });
  const strip = make("div", "gnb-years"), said = make("div", "gnb-milestone");
  strip.role = "group";
  strip.ariaLabel = "The milestones in time. The arrow keys go from one to the next; below stands what the chosen one says.";
  said.ariaLive = "polite";

  const marks = rows.map(({ cells: [year, who, , here] }, i) => {
    const mark = /** @type {HTMLButtonElement} */ (make("button", "gnb-year"));
    mark.type = "button";
    mark.ariaLabel = `${year.innerText.trim()}, ${who.innerText.replace(/\s*\[.*/s, "").trim()}`;
    mark.classList.toggle("gnb-runs", !here.querySelector("a[href*='bibliography']"));
    mark.addEventListener("focus", () => choose(i));
    mark.addEventListener("click", () => mark.focus()); // which Safari leaves out
    return mark;
  });
  const decades = [];
  for (let year = first; year <= last; year += 10) decades.push(Object.assign(make("span", "gnb-decade", `${year}`), { year }));

  /** @param {number} chosen */
  function choose(chosen) {
    marks.forEach((mark, i) => {
      mark.tabIndex = i === chosen ? 0 : -1;
      mark.ariaPressed = `${i === chosen}`;
    });
    const parts = [...rows[chosen].cells].map((cell, i) => {
      const part = make("span", `gnb-milestone-${["year", "who", "what", "here"][i]}`);
      part.append(...[...cell.childNodes].map((child) => child.cloneNode(true)));
      part.querySelectorAll("[id]").forEach((each) => each.removeAttribute("id"));
      return part;
    });
    said.replaceChildren(...parts);
  }

  function place() {
    const width = strip.clientWidth - SIZE, at = (/** @type {number} */ year) => ((year - first) / (last - first)) * width;
    /** @type {number[]} */
    const ends = []; // of each lane, from the axis upwards
    const lanes = years.map((year) => {
      const free = ends.findIndex((end) => end <= at(year)), lane = free < 0 ? ends.length : free;
      ends[lane] = at(year) + SIZE;
      return lane;
    });
    strip.style.setProperty("--lanes", `${ends.length}`);
    marks.forEach((mark, i) => (mark.style.cssText = `left:${at(years[i])}px;--lane:${lanes[i]}`));
    decades.forEach((decade) => {
      decade.style.left = `${at(decade.year) + SIZE / 2}px`;
      decade.hidden = width < 500 && decade.year % 20 !== 0;
    });
  }

  strip.addEventListener("keydown", (event) => {
    const now = marks.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    marks[to]?.focus();
  });
  strip.append(...decades, ...marks);
  (table.closest(".pst-scrollable-table-container") ?? table).before(strip, said);
  choose(0);
  new ResizeObserver(place).observe(strip);
}
