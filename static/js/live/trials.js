// The table of trials: rows are made from the page's pattern, changed in place, and sorted on request.
import { formatDuration, formatMetric, formatNumber, toNumber } from "../format.js";
import { showState } from "./state.js";

/** @import {Store} from "./store.js" */
/** @import {TrialRow} from "./types.js" */

const RUNNING = "running";

export class TrialTable {
  /**
   * @param {HTMLTableElement} table
   * @param {HTMLTemplateElement} pattern
   * @param {Store} store
   * @param {string} metric the objective's name
   */
  constructor(table, pattern, store, metric) {
    this.body = table.tBodies[0];
    this.pattern = pattern;
    this.store = store;
    this.metric = metric;
    this.sort = { key: "number", descending: false };
    /** @type {Map<number, HTMLTableRowElement>} */
    this.rows = new Map();
    for (const row of this.body.rows) this.rows.set(Number(row.id.slice("trial-".length)), row);
    for (const head of table.tHead?.querySelectorAll("[data-sort]") ?? []) this.#sortable(/** @type {HTMLElement} */ (head));
  }

  /** Write rows anew. @param {Iterable<number>} numbers */
  update(numbers) {
    const appended = document.createDocumentFragment();
    const plain = this.sort.key === "number" && !this.sort.descending;
    let last = this.body.rows.length ? Number(this.body.rows[this.body.rows.length - 1].id.slice("trial-".length)) : -1;
    let mixed = !plain;
    for (const number of numbers) {
      const trial = this.store.trials.get(number);
      if (!trial) continue;
      let row = this.rows.get(number);
      if (!row) {
        row = this.#make(number);
        appended.append(row);
        mixed ||= number < last;
        last = number;
      }
      this.#fill(row, trial);
    }
    this.body.append(appended);
    if (mixed) this.#order();
  }

  /** Write the latest values that trials logged. @param {Iterable<number>} numbers */
  updateLatest(numbers) {
    for (const number of numbers) {
      const row = this.rows.get(number);
      const trial = this.store.trials.get(number);
      if (row && trial) this.#latest(row, trial);
    }
  }

  /** Mark the best rows: one, or the Pareto set. @param {number[]} numbers */
  markBest(numbers) {
    const best = new Set(numbers.map((number) => `trial-${number}`));
    for (const row of this.body.querySelectorAll(".is-best")) if (!best.has(row.id)) row.classList.remove("is-best");
    for (const number of numbers) this.rows.get(number)?.classList.add("is-best");
  }

  /** Durations of running trials grow by themselves. @param {number} now server time, milliseconds */
  tick(now) {
    for (const [number, trial] of this.store.trials) {
      if (trial.state !== RUNNING || !trial.started_at) continue;
      const row = this.rows.get(number);
      if (row) write(row, "duration", formatDuration((now - Date.parse(trial.started_at)) / 1000));
    }
  }

  /** Bring a row into view and mark it for a moment. @param {number} number */
  show(number) {
    const row = this.rows.get(number);
    if (!row) return;
    row.scrollIntoView({ block: "nearest", behavior: "smooth" });
    row.classList.add("is-named");
    setTimeout(() => row.classList.remove("is-named"), 1600);
  }

  /** @param {number} number */
  #make(number) {
    const copy = /** @type {DocumentFragment} */ (this.pattern.content.cloneNode(true));
    const row = /** @type {HTMLTableRowElement} */ (copy.firstElementChild);
    row.id = `trial-${number}`;
    write(row, "number", String(number));
    row.querySelector("input[name=numbers]")?.setAttribute("value", String(number));
    row.querySelector("a[data-cell=number]")?.setAttribute("href", `trials/${number}/`);
    this.rows.set(number, row);
    return row;
  }

  /** @param {HTMLTableRowElement} row @param {TrialRow} trial */
  #fill(row, trial) {
    row.dataset.state = trial.state;
    showState(/** @type {HTMLElement} */ (row.querySelector(".state")), trial.state);
    write(row, "attempt", attemptWords(trial));
    showChanges(/** @type {HTMLElement} */ (row.querySelector("[data-cell=changes]")), trial.changes ?? []);
    for (const cell of row.querySelectorAll("[data-param]")) {
      const name = /** @type {HTMLElement} */ (cell).dataset.param ?? "";
      text(cell, trial.params ? formatNumber(trial.params[name]) : "");
    }
    write(row, "value", formatMetric(trial.value));
    for (const cell of row.querySelectorAll("[data-value]")) {
      text(cell, formatMetric(trial.values[Number(/** @type {HTMLElement} */ (cell).dataset.value)] ?? null));
    }
    if (trial.state !== RUNNING || trial.duration_s !== null) write(row, "duration", formatDuration(trial.duration_s));
    this.#latest(row, trial);
  }

  /** @param {HTMLTableRowElement} row @param {TrialRow} trial */
  #latest(row, trial) {
    const cell = /** @type {HTMLElement} */ (row.querySelector("[data-live]"));
    if (trial.state === "fail") {
      const link = cell.querySelector("a") ?? document.createElement("a");
      link.href = `trials/${trial.number}/#failure`;
      text(link, trial.failure_message || trial.failure_code);
      if (!link.parentNode) cell.replaceChildren(link);
      return;
    }
    const parts = [];
    let step = -1;
    for (const name of ["loss", this.metric]) {
      const latest = name ? this.store.latest(trial.number, name) : null;
      if (!latest) continue;
      step = Math.max(step, latest.step);
      parts.push(`${name} ${formatMetric(latest.value)}`);
    }
    text(cell, parts.length ? `step ${step} · ${parts.join(" · ")}` : "");
  }

  /** @param {HTMLElement} head */
  #sortable(head) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes, arrow());
    head.replaceChildren(button);
    const key = head.dataset.sort ?? "number";
    if (key === this.sort.key) head.setAttribute("aria-sort", "ascending");
    button.addEventListener("click", () => {
      const descending = this.sort.key === key && !this.sort.descending;
      this.sort = { key, descending };
      for (const other of head.parentElement?.children ?? []) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      this.#order();
    });
  }

  #order() {
    const { key, descending } = this.sort;
    const sign = descending ? -1 : 1;
    const trials = [...this.store.trials.values()];
    const keys = new Map(trials.map((trial) => [trial.number, sortKey(trial, key)]));
    trials.sort((a, b) => sign * compare(keys.get(a.number), keys.get(b.number), sign) || a.number - b.number);
    let place = this.body.firstElementChild;
    for (const { number } of trials) {
      const row = this.rows.get(number);
      if (!row) continue;
      if (row === place) place = place.nextElementSibling;
      else this.body.insertBefore(row, place);
    }
  }
}

const ORDERS = { stop: "stopping", prune: "pruning", checkpoint: "leaving at a checkpoint" };

/** Beside the state: which attempt it is, and what a person has to do with its end. @param {TrialRow} trial */
function attemptWords(trial) {
  const words = trial.attempt > 1 ? [`attempt ${trial.attempt}`] : [];
  if (trial.order && trial.state === RUNNING) words.push(ORDERS[trial.order]);
  if (trial.stopped) words.push("by a person");
  return words.join(", ");
}

/**
 * What population-based training has changed: at which steps; the last parameters stand in their columns.
 * @param {HTMLElement|null} cell
 * @param {import("./types.js").ParamsChange[]} changes
 */
function showChanges(cell, changes) {
  if (!cell || Number(cell.dataset.count ?? 0) === changes.length) return;
  cell.dataset.count = String(changes.length);
  cell.replaceChildren(
    ...changes.map(({ step, params, copied }) => {
      const line = document.createElement("li");
      const values = Object.entries(params).map(([name, value]) => `${name} ${formatNumber(value)}`);
      line.textContent = `step ${step}: ${values.join(", ")}${copied === null ? "" : `, from trial ${copied}`}`;
      return line;
    }),
  );
  const shown = /** @type {HTMLElement} */ (cell.closest("details"));
  shown.hidden = changes.length === 0;
  text(/** @type {HTMLElement} */ (shown.querySelector("summary")), `changed at step ${changes.map((change) => change.step).join(", ")}`);
}

/** @param {TrialRow} trial @param {string} key @returns {number|string|null} */
function sortKey(trial, key) {
  if (key === "number") return trial.number;
  if (key === "state") return trial.state;
  if (key === "duration") return trial.duration_s;
  const place = key.startsWith("value:") ? Number(key.slice("value:".length)) : 0;
  const value = key.startsWith("value")
    ? place
      ? trial.values[place]
      : trial.value
    : (trial.params?.[key.slice("param:".length)] ?? null);
  if (value === null) return null;
  if (typeof value === "boolean") return Number(value);
  const number = toNumber(value);
  return Number.isNaN(number) && typeof value === "string" ? value : number;
}

/**
 * Order two keys; what is missing or not a number comes last, whichever way the column is sorted.
 * @param {number|string|null|undefined} a
 * @param {number|string|null|undefined} b
 * @param {number} sign
 */
function compare(a, b, sign) {
  const missing = (/** @type {unknown} */ key) => key === null || key === undefined || Number.isNaN(key) || key === "nan";
  if (missing(a) || missing(b)) return sign * (Number(missing(a)) - Number(missing(b)));
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}

function arrow() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#arrow-down`);
  svg.append(use);
  return svg;
}

/** @param {Element} row @param {string} cell @param {string} words */
function write(row, cell, words) {
  const element = row.querySelector(`[data-cell="${cell}"]`);
  if (element) text(element, words);
}

/** Set a text only when it differs: most cells of a changed row stay as they are. @param {Element} element @param {string} words */
function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
