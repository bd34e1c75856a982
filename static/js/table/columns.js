// The list of columns: moved up and down by buttons, which need a script. What is sent is the order of the list.

export function followColumns() {
  const list = document.getElementById("columns-list");
  if (!list) return;
  for (const buttons of list.querySelectorAll(".columns-move")) /** @type {HTMLElement} */ (buttons).hidden = false;
  list.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("[data-move]"));
    const row = button?.closest("li");
    if (!button || !row) return;
    const other = button.dataset.move === "1" ? row.nextElementSibling : row.previousElementSibling;
    if (!other) return;
    if (button.dataset.move === "1") other.after(row);
    else other.before(row);
    button.focus();
    row.scrollIntoView({ block: "nearest" });
  });
  // The number's box is always on, so it is not sent by itself; its place among the others is.
  const number = /** @type {HTMLInputElement|null} */ (list.querySelector("input:disabled"));
  list.closest("form")?.addEventListener("submit", () => {
    if (number) number.disabled = false;
  });
}
