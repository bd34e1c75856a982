// Completion in the filter's field: names of columns, and the words that they can be.
import { completions } from "./complete-match.js";

/** @param {HTMLInputElement|null} field `data-completions`: {name: [words]} as JSON */
export function completing(field) {
  if (!field) return;
  /** @type {Record<string, string[]>} */
  const columns = JSON.parse(field.dataset.completions ?? "{}");
  const list = document.createElement("ul");
  Object.assign(list, { id: "trials-q-list", className: "picker-list complete-list", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  field.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    field.setAttribute(name, value);
  let from = 0;
  let at = -1;

  function show() {
    const caret = field?.selectionStart ?? 0;
    const found = completions(field?.value ?? "", caret, columns);
    from = found.from;
    at = -1;
    list.replaceChildren(...found.words.map(option));
    list.hidden = found.words.length === 0;
    field?.setAttribute("aria-expanded", String(!list.hidden));
    field?.removeAttribute("aria-activedescendant");
  }

  function hide() {
    list.hidden = true;
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
  }

  /** @param {number} by */
  function move(by) {
    const count = list.children.length;
    at = at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count;
    for (const [index, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(index === at));
    field?.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  /** @param {string} word */
  function take(word) {
    if (!field) return;
    const caret = field.selectionStart ?? field.value.length;
    const gap = word.endsWith("(") ? "" : " ";
    field.value = `${field.value.slice(0, from)}${word}${gap}${field.value.slice(caret).trimStart()}`;
    const next = from + word.length + gap.length;
    field.setSelectionRange(next, next);
    show();
  }

  field.addEventListener("input", show);
  field.addEventListener("blur", () => setTimeout(hide, 150));
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      if (!list.hidden) move(event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && at >= 0) {
      event.preventDefault();
      take(list.children[at].textContent ?? "");
    } else if (event.key === "Enter") hide();
    else if (event.key === "Escape") {
      if (list.hidden) field.blur();
      hide();
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = /** @type {Element} */ (event.target).closest("[role=option]");
    if (row) take(row.textContent ?? "");
  });
}

/** @param {string} word @param {number} index */
function option(word, index) {
  const row = document.createElement("li");
  Object.assign(row, { id: `trials-q-${index}`, className: "picker-option complete-option", textContent: word });
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  return row;
}
