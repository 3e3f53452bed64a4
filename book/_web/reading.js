// @ts-check
"use strict";
// Two aids to reading: a line at the top that shows how far one has come, and a button that folds or unfolds all code.
{
  const root = document.documentElement;

  /** What a browser may refuse: then nothing is remembered. @param {string} [choice] */
  function remembered(choice) {
    try {
      if (choice) localStorage.setItem("gennb-code", choice);
      return localStorage.getItem("gennb-code");
    } catch {
      return null;
    }
  }

  /** @param {string} choice */
  function fold(choice) {
    root.dataset.code = choice;
    for (const input of document.querySelectorAll("div.cell > div.cell_input")) {
      const box = document.createElement("details"), title = document.createElement("summary");
      box.className = "hide gnb-code";
      title.textContent = "Code";
      input.replaceWith(box);
      box.append(title, input);
    }
    // Solutions stay as they are: nobody wants them opened unasked.
    for (const box of document.querySelectorAll(".cell:not(.tag_hide-cell) > details.hide"))
      /** @type {HTMLDetailsElement} */ (box).open = choice === "unfolded";
    document.querySelector(".btn-code-button")?.setAttribute("aria-pressed", String(choice === "folded"));
  }

  Object.assign(window, {
    gennbFoldCode() {
      const choice = root.dataset.code === "folded" ? "unfolded" : "folded";
      fold(choice);
      remembered(choice);
    },
  });
  document.querySelector(".btn-code-button")?.setAttribute("aria-pressed", "false");
  const choice = remembered();
  if (choice) fold(choice);

  const line = document.createElement("div");
  line.className = "gnb-progress";
  line.ariaHidden = "true";
  document.body.append(line);
  const article = document.querySelector(".bd-article");
  const advance = () => {
    const { top = 0, height = 1 } = article?.getBoundingClientRect() ?? {};
    const way = Math.max(1, height + top + scrollY - innerHeight);
    line.style.transform = `scaleX(${Math.min(1, scrollY / way)})`;
  };
  for (const event of ["scroll", "resize", "load"]) addEventListener(event, advance, { passive: true });
  advance();
}
