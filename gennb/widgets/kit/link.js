// @ts-check
// The state of an explorable in the address of its page: ?gnb-Duel={"k":3}#gnb-Duel

import { clamp } from "./maths.js";

/**
 * What a link may set: a number from one to another; a list of so many parts; one of some values or rules.
 * @typedef {[number, number] | {any: any[]} | any[]} Rule
 */

/**
 * A value held to its rule, or undefined if it is of another kind.
 * @param {any} value @param {Rule} rule @returns {any}
 */
export function held(value, rule) {
  if (!Array.isArray(rule)) {
    const all = rule.any.map((each) => (typeof each === "object" ? held(value, each) : each === value ? value : undefined));
    return all.find((each) => each !== undefined);
  }
  const [low, high] = rule;
  if (typeof low === "number") return Number.isFinite(value) ? clamp(value, low, high) : undefined;
  if (!Array.isArray(value) || value.length !== rule.length) return undefined;
  const parts = value.map((each, i) => held(each, rule[i]));
  return parts.includes(undefined) ? undefined : parts;
}

/**
 * What the page's address says of an explorable, as far as it fits.
 * @param {string} id @param {Record<string, Rule>} rules @returns {Record<string, any>}
 */
export function readLink(id, rules) {
  let said;
  try {
    said = Object(JSON.parse(new URLSearchParams(location.search).get(id) ?? "{}"));
  } catch {
    return {};
  }
  const fits = Object.keys(rules).map((name) => [name, Object.hasOwn(said, name) ? held(said[name], rules[name]) : undefined]);
  return Object.fromEntries(fits.filter(([, value]) => value !== undefined));
}

/** The page's address with an explorable's state. @param {string} id @param {Record<string, any>} state */
export function linkTo(id, state) {
  const url = new URL(location.href);
  url.search = Object.keys(state).length ? String(new URLSearchParams({ [id]: JSON.stringify(state) })) : "";
  url.hash = id;
  return url.href;
}
