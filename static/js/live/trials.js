// The table of trials: a page of it, written by the server and changed in place by what the store hears.
import { formatDuration } from "../format.js";
import { Choice } from "../table/choice.js";
import { followColumns } from "../table/columns.js";
import { completing } from "../table/complete.js";
import { followKeys } from "../table/keys.js";
import { News } from "../table/news.js";
import { Part } from "../table/part.js";
import { pin } from "../table/pin.js";
import { fill, numberOf, write, writeLatest } from "../table/row.js";
import { followStars } from "../table/stars.js";
import { selection } from "./selection.js";

/** @import {Store} from "./store.js" */

const PER_PAGE = 50;
const OPEN = new Set(["running", "waiting"]);

export class TrialTable {
  /**
   * @param {HTMLTableElement} table
   * @param {HTMLTemplateElement|null} _pattern stands in the part, and is replaced with it
   * @param {Store} store
   * @param {string} metric the objective's name
   */
  constructor(table, _pattern, store, metric) {
    this.table = table;
    this.body = table.tBodies[0];
    this.store = store;
    this.metric = metric;
    /** @type {Map<number, HTMLTableRowElement>} */
    this.rows = new Map();
    /** At which position a trial's row came last. @type {Map<number, number>} */
    this.touched = new Map();
    /** @type {number[]} */
    this.best = [];
    this.#index();
    this.part = new Part(table, () => this.#swapped());
    this.news = new News(() => this.part.reload());
    this.choice = new Choice(this.body, this.part);
    followKeys(this.body, this.choice);
    followStars(this.body, this.part);
    followColumns();
    completing(/** @type {HTMLInputElement|null} */ (document.getElementById("trials-q")));
    pin(table);
    this.#hovering();
  }

  /** Write rows anew. @param {Iterable<number>} numbers */
  update(numbers) {
    for (const number of numbers) {
      const trial = this.store.trials.get(number);
      if (!trial) continue;
      this.touched.set(number, this.store.position);
      let row = this.rows.get(number);
      const before = row?.dataset.state;
      if (!row && this.#takes(number)) row = this.#insert(number);
      if (row) fill(row, trial, this.store, this.metric);
      // In another order, or under a filter, a row may have to stand elsewhere now; nothing jumps unasked.
      if (!this.#plain() && row && before !== undefined && before !== trial.state) this.news.changed(number);
    }
    this.#count();
    for (const [number, row] of this.rows) {
      // The store forgets only what has ended, so this one ended while the page did not hear.
      if (OPEN.has(row.dataset.state ?? "") && this.store.sweep && !this.store.trials.has(number)) this.part.soon();
    }
  }

  /** Write the latest values that trials logged. @param {Iterable<number>} numbers */
  updateLatest(numbers) {
    for (const number of numbers) {
      const row = this.rows.get(number);
      const trial = this.store.trials.get(number);
      if (row && trial) writeLatest(row, trial, this.store, this.metric);
    }
  }

  /** Mark the best rows: one, or the Pareto set. @param {number[]} numbers */
  markBest(numbers) {
    this.best = numbers;
    const best = new Set(numbers.map((number) => `trial-${number}`));
    for (const row of this.body.querySelectorAll(".is-best")) if (!best.has(row.id)) row.classList.remove("is-best");
    for (const number of numbers) this.rows.get(number)?.classList.add("is-best");
  }

  /** Durations of running trials grow by themselves. @param {number} now server time, milliseconds */
  tick(now) {
    for (const [number, row] of this.rows) {
      const trial = this.store.trials.get(number);
      if (trial?.state === "running" && trial.started_at)
        write(row, "duration", formatDuration((now - Date.parse(trial.started_at)) / 1000));
    }
  }

  /** Bring a row into view and mark it for a moment; a trial of another page is opened. @param {number} number */
  show(number) {
    const row = this.rows.get(number);
    if (!row) {
      location.assign(`trials/${number}/`);
      return;
    }
    row.scrollIntoView({ block: "nearest", behavior: "smooth" });
    row.classList.add("is-named");
    setTimeout(() => row.classList.remove("is-named"), 1600);
  }

  /** Whether the table stands as it came: by number, nothing filtered away. */
  #plain() {
    const { sort, filtered } = this.table.dataset;
    return !filtered && (sort === "-number" || sort === "number");
  }

  /** Whether the order puts a trial that is not there yet onto this page. @param {number} number */
  #takes(number) {
    if (!this.#plain()) return false;
    const { sort, page, pages } = this.table.dataset;
    const numbers = [...this.rows.keys()];
    if (sort === "-number") return page === "1" && (numbers.length < PER_PAGE || number > Math.min(...numbers));
    return page === pages && numbers.length < PER_PAGE && number > Math.max(-1, ...numbers);
  }

  /** @param {number} number */
  #insert(number) {
    const pattern = /** @type {HTMLTemplateElement} */ (document.getElementById("trial-pattern"));
    const row = /** @type {HTMLTableRowElement} */ (pattern.content.firstElementChild?.cloneNode(true));
    row.id = `trial-${number}`;
    write(row, "number", String(number));
    row.querySelector("a[data-cell=number]")?.setAttribute("href", `trials/${number}/`);
    for (const [part, words] of [
      ["input[name=numbers]", "Choose trial"],
      [".row-star", "Star trial"],
    ]) {
      row.querySelector(part)?.setAttribute("value", String(number));
      row.querySelector(part)?.setAttribute("aria-label", `${words} ${number}`);
    }
    row.classList.toggle("is-best", this.best.includes(number));
    const newestFirst = this.table.dataset.sort === "-number";
    const next = [...this.body.rows].find((other) => (newestFirst ? numberOf(other) < number : numberOf(other) > number));
    this.body.insertBefore(row, next ?? null);
    this.rows.set(number, row);
    if (this.rows.size > PER_PAGE) {
      const last = this.body.rows[this.body.rows.length - 1];
      this.rows.delete(numberOf(last));
      last.remove();
    }
    return row;
  }

  /** How many trials there are now, and which of them this page does not show. */
  #count() {
    const counts = this.store.sweep?.counts;
    if (!counts) return;
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const data = this.table.dataset;
    if (!this.#plain()) {
      this.news.more(total - Number(data.total));
      return;
    }
    if (total === Number(data.total)) return;
    const shown = this.rows.size;
    data.total = data.matching = String(total);
    for (const place of document.querySelectorAll("#trials-pages [data-count=matching]")) place.textContent = String(total);
    const places = document.querySelector("#trials-pages [data-count=places]");
    const first = (Number(data.page) - 1) * PER_PAGE;
    if (places) places.textContent = `${first + 1}–${first + shown}`;
    /** @type {HTMLElement|null|undefined} */ (places?.parentElement)?.toggleAttribute("hidden", total === 0);
    if (Math.max(Math.ceil(total / PER_PAGE), 1) !== Number(data.pages)) this.part.soon();
  }

  #index() {
    this.rows.clear();
    for (const row of this.body.rows) this.rows.set(numberOf(row), row);
  }

  /** Other rows stand there: what was heard since they were read is written again. */
  #swapped() {
    this.#index();
    this.news.clear();
    const read = Number(this.table.dataset.position);
    for (const [number, row] of this.rows) {
      const trial = this.store.trials.get(number);
      if (trial && (this.touched.get(number) ?? -1) > read) fill(row, trial, this.store, this.metric);
      else if (trial) writeLatest(row, trial, this.store, this.metric);
    }
    this.markBest(this.best);
    this.choice.show();
    pin(this.table);
    this.#count();
  }

  #hovering() {
    this.body.addEventListener("pointerover", (event) => {
      const row = /** @type {Element} */ (event.target).closest("tr");
      selection.hover(row ? numberOf(row) : null);
    });
    this.body.addEventListener("pointerleave", () => selection.hover(null));
    selection.addEventListener("hover", () => {
      this.body.querySelector(".is-hovered")?.classList.remove("is-hovered");
      if (selection.hovered !== null) this.rows.get(selection.hovered)?.classList.add("is-hovered");
    });
  }
}
