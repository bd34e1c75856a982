// The table by keys: j and k move, Enter opens (it is a link), x chooses, s stars, / filters, n and p turn pages, ? tells.

/** @import {Choice} from "./choice.js" */
import { numberOf } from "./row.js";

/** @param {HTMLTableSectionElement} body @param {Choice} choice */
export function followKeys(body, choice) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const act = ACTS[event.key] ?? ACTS[event.key.toLowerCase()];
    if (act?.(body, choice, event)) event.preventDefault();
  });
}

/** @type {Record<string, (body: HTMLTableSectionElement, choice: Choice, event: KeyboardEvent) => boolean>} */
const ACTS = {
  j: (body) => move(body, 1),
  k: (body) => move(body, -1),
  x: (body, choice, event) => {
    const row = current(body);
    if (!row) return false;
    choice.turn(numberOf(row), !choice.chosen.has(numberOf(row)), event.shiftKey);
    return true;
  },
  s: (body) => press(current(body)?.querySelector("button.row-star")),
  n: () => press(document.querySelector("#trials-pages [rel=next]")),
  p: () => press(document.querySelector("#trials-pages [rel=prev]")),
  "/": () => {
    const field = /** @type {HTMLInputElement|null} */ (document.getElementById("trials-q"));
    field?.focus();
    field?.select();
    return field !== null;
  },
  "?": () => {
    const dialog = /** @type {HTMLDialogElement|null} */ (document.getElementById("keys-dialog"));
    dialog?.showModal();
    return dialog !== null;
  },
};

/** The row in which the focus is. @param {HTMLTableSectionElement} body */
function current(body) {
  const row = document.activeElement?.closest("tr");
  return row && body.contains(row) ? row : null;
}

/** @param {HTMLTableSectionElement} body @param {number} by */
function move(body, by) {
  const rows = [...body.rows];
  if (!rows.length) return false;
  const now = current(body);
  const at = now ? rows.indexOf(now) + by : by > 0 ? 0 : rows.length - 1;
  const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
  /** @type {HTMLElement|null} */ (row.querySelector("a[data-cell=number]"))?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

/** @param {Element|null|undefined} element */
function press(element) {
  /** @type {HTMLElement|null|undefined} */ (element)?.click();
  return Boolean(element);
}
