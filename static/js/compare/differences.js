// From one row that differs to the next: by n and p, or by the buttons above the table.

/** @param {HTMLTableElement} table */
export function followDifferences(table) {
  const buttons = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-step]"));
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      step(table, Number(button.dataset.step));
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const by = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (by && step(table, by)) event.preventDefault();
  });
}

/** @type {WeakMap<HTMLTableElement, number>} */
const places = new WeakMap();

/** After the last comes the first. @param {HTMLTableElement} table @param {number} by */
function step(table, by) {
  const rows = /** @type {NodeListOf<HTMLTableRowElement>} */ (table.querySelectorAll("tr.is-different"));
  if (!rows.length) return false;
  const focused = [...rows].indexOf(/** @type {HTMLTableRowElement} */ (document.activeElement?.closest("tr")));
  const before = focused >= 0 ? focused : (places.get(table) ?? (by > 0 ? -1 : 0));
  const place = (before + by + rows.length) % rows.length;
  places.set(table, place);
  rows[place].focus({ preventScroll: true });
  rows[place].scrollIntoView({ block: "center", inline: "nearest" });
  return true;
}
