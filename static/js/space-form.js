// The form of a search space: rows that move, a searchable picker, and checks as they are typed.

import { swapping } from "./form-swap.js";
import { picker } from "./picker.js";
import { plainErrors } from "./space-rules.js";

const WAIT_MS = 350;
const form = document.querySelector("form[data-check]");
const { swap } = swapping(form, { updates: "[name=task]", swapped: prepare });
let timer = 0;
let going = null;

/** After the rows were shown anew. */
function prepare() {
  const select = form.querySelector("[data-picker]");
  picker(select, () => swap("add", null));
  const row = form.querySelector("[data-focus-row]")?.closest("[data-row]");
  const active = document.activeElement;
  // Whoever types in the row already is left there.
  const typing = row?.contains(active) && active.matches("input:not([data-name]), select");
  if (typing || !row) return later();
  const next = row.querySelector(row.dataset.kind === "categorical" ? "[data-field=choices] input" : "[data-field=low] input");
  next?.focus();
  next?.select();
  later();
}

form.addEventListener("input", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row) {
    if (event.target.closest("[data-formula]")) later();
    return;
  }
  if (event.target.matches("[data-type]")) {
    row.dataset.kind = event.target.value;
    // The table of coupled choices comes from the server.
    if (row.dataset.kind === "coupled" && !row.querySelector(".for-coupled")) swap("show", null);
  }
  names();
  plain();
  later();
});

form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-row]");
  // A name that was just chosen, in a row that is still empty: propose its type and bounds.
  if (row && event.target.matches("[data-name]") && event.target.value && empty(row)) swap(`propose:${row.dataset.row}`, null);
});

/** The names that a condition may look at. */
function names() {
  const found = [...form.querySelectorAll("[data-row] [data-name]")].map((input) => input.value.trim()).filter(Boolean);
  form.querySelector("#rows-above").replaceChildren(
    ...found.map((name) => {
      const option = document.createElement("option");
      option.value = name;
      return option;
    }),
  );
}

function empty(row) {
  return [
    ...row.querySelectorAll("[data-field=low] input, [data-field=high] input, [data-field=choices] input, .for-coupled thead input"),
  ].every((input) => !input.value);
}

function typed(row) {
  const value = (column) => row.querySelector(`[data-field=${column}] input, [data-field=${column}] select`).value;
  return {
    name: value("name").trim(),
    type: value("type"),
    low: value("low"),
    high: value("high"),
    step: value("step"),
    log: row.querySelector("[data-field=log] input").checked,
  };
}

/** What needs no server: at once. */
function plain() {
  const before = [];
  for (const row of form.querySelectorAll("[data-row]")) {
    const values = typed(row);
    const errors = plainErrors(values, before);
    before.push(values.name);
    const named = Object.fromEntries(Object.entries(errors).map(([column, message]) => [`row-${row.dataset.row}-${column}`, [message]]));
    write(row, named);
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(check, WAIT_MS);
}

/** The server's checks: the same that refuse when the form is saved. */
async function check() {
  going?.abort();
  going = new AbortController();
  const body = new FormData(form);
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body, headers: { Accept: "application/json" }, signal: going.signal });
    if (!answer.ok) return;
    const { errors, warnings, about, note, preview } = await answer.json();
    for (const row of form.querySelectorAll("[data-row]")) {
      write(row, blank(row) ? {} : errors, warnings);
      row.querySelector("[data-about]").textContent = about[Number(row.dataset.row)] ?? "";
    }
    for (const row of form.querySelectorAll("[data-formula]")) write(row, errors, warnings);
    // An empty form is not wrong yet.
    show(form.querySelector("[data-note]"), note && filled() ? [note] : []);
    draw(preview);
  } catch (error) {
    if (error.name !== "AbortError") show(form.querySelector("[data-note]"), ["The rows could not be checked: the server did not answer."]);
  }
}

function blank(row) {
  return !row.querySelector("[data-name]").value && empty(row);
}

function filled() {
  return [...form.querySelectorAll("[data-row]")].some((row) => !blank(row));
}

function write(row, errors, warnings = {}) {
  const place = row.querySelector("[data-row-errors]");
  const parts = [];
  for (const control of row.querySelectorAll("[name^=row-], [name^=formula-]")) {
    const odd = warnings[control.name] ?? [];
    if (odd.length) {
      const part = document.createElement("div");
      show(part, odd, "field-warning");
      parts.push(part);
    }
    const sentences = errors[control.name] ?? [];
    if (sentences.length) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    if (!sentences.length) continue;
    const part = document.createElement("div");
    part.id = `id_${control.name}_error`;
    control.setAttribute("aria-describedby", part.id);
    show(part, sentences);
    parts.push(part);
  }
  place.replaceChildren(...parts);
}

function show(place, sentences, kind = "field-error") {
  place.replaceChildren(
    ...sentences.map((sentence) => {
      const line = document.createElement("p");
      line.className = kind;
      line.textContent = sentence;
      return line;
    }),
  );
}

/** Draws of rows that are right; of others there are none, and old ones would mislead. */
function draw(html) {
  const place = form.querySelector("[data-preview]");
  if (!html) {
    const line = document.createElement("p");
    line.className = "card-body quiet";
    line.textContent = place.dataset.empty;
    place.replaceChildren(line);
    return;
  }
  const page = new DOMParser().parseFromString(html, "text/html");
  place.replaceChildren(...page.body.childNodes);
}

prepare();
