// A searchable list in place of a long <select> with groups: type to filter, arrows and Enter to choose.
// What can't be chosen is listed too, with the reason. Without JavaScript the <select> itself stands there.

import { matching } from "./picker-match.js";

let count = 0;

/**
 * @param {HTMLSelectElement} select options may carry data-help, data-type, data-reason and data-models
 * @param {(name: string) => void} chosen called with the value
 */
export function picker(select, chosen) {
  const id = `picker-${++count}`;
  const entries = [...select.querySelectorAll("option[value]:not([value=''])")].map((option) => ({
    name: option.value,
    group: option.closest("optgroup")?.label ?? "",
    type: option.dataset.type ?? "",
    help: option.dataset.help ?? "",
    models: option.dataset.models ?? "",
    reason: option.dataset.reason ?? "",
    disabled: option.disabled,
  }));
  const box = element("div", "picker");
  const input = element("input", "form-control");
  const list = element("ul", "picker-list");
  Object.assign(input, { type: "text", id: select.id, placeholder: select.options[0]?.textContent ?? "", autocomplete: "off" });
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
  }))
    input.setAttribute(name, value);
  Object.assign(list, { id, hidden: true });
  list.setAttribute("role", "listbox");
  select.removeAttribute("id");
  select.hidden = true;
  select.after(box);
  box.append(input, list);
  let at = -1;

  function show() {
    const found = matching(entries, input.value);
    list.replaceChildren(...rows(found, id));
    if (!found.length) list.append(element("li", "picker-none", "Nothing has that name."));
    list.hidden = false;
    list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", "true");
    move(-1, 1);
  }

  function hide() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function options() {
    return [...list.querySelectorAll("[role=option]:not([aria-disabled=true])")];
  }

  function move(from, by) {
    const all = options();
    at = all.length ? (from + by + all.length) % all.length : -1;
    for (const [index, row] of all.entries()) row.setAttribute("aria-selected", String(index === at));
    if (at < 0) return;
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function choose(row) {
    if (!row) return;
    select.value = row.dataset.value;
    input.value = "";
    hide();
    chosen(row.dataset.value);
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("click", show);
  input.addEventListener("blur", () => setTimeout(hide, 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else move(at, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      // Never the form's own button: choosing is what Enter means here.
      event.preventDefault();
      if (!list.hidden) choose(options()[at]);
    } else if (event.key === "Escape") hide();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = event.target.closest("[role=option]");
    if (row && row.getAttribute("aria-disabled") !== "true") choose(row);
  });
  return input;
}

function rows(found, id) {
  const made = [];
  let group = null;
  for (const [index, entry] of found.entries()) {
    if (entry.group !== group) {
      group = entry.group;
      const heading = element("li", "picker-group", group);
      heading.setAttribute("role", "presentation");
      made.push(heading);
    }
    const row = element("li", "picker-option");
    row.id = `${id}-${index}`;
    row.dataset.value = entry.name;
    row.setAttribute("role", "option");
    if (entry.disabled) row.setAttribute("aria-disabled", "true");
    const help = entry.disabled ? `Can't be searched: ${entry.reason}` : entry.models ? `${entry.help} (${entry.models})` : entry.help;
    row.append(
      element("span", "picker-name", entry.name),
      element("span", "picker-type", entry.type),
      element("span", "picker-help", help),
    );
    made.push(row);
  }
  return made;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
