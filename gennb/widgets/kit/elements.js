// @ts-check
// Elements of the page, and numbers for the eye.

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {Node[]} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** @template {Element} Kind @param {Kind} node @param {Record<string, string | number>} attributes @param {(Node | string)[]} children */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** A div of a class. @param {string} name @param {(Node | string)[]} children */
export const box = (name, ...children) => element("div", { class: name }, ...children);

/** A line below a figure. @param {string} text */
export const note = (text) => element("span", { class: "gnb-note" }, text);

/** A name in a legend, after a sample of what it names: "hue-data", "piece-gap". @param {string} sample @param {(Node | string)[]} text */
export const key = (sample, ...text) => element("span", { class: `gnb-key gnb-${sample}` }, ...text);

/** A number for the eye. @param {number} value @param {number} [digits] */
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

/** A whole number with commas. @param {number} value */
export const whole = (value) => value.toLocaleString("en");

/** Ten classes told apart with full and with color-blind sight: the colors of gennb.plot.CLASS_COLORS. */
export const palette = [
  "#3b82c4", "#e08214", "#2a9d72", "#c9639f", "#8c6bb1",
  "#d4ac0d", "#56b4e9", "#a0663c", "#8a9a5b", "#d1495b",
];
