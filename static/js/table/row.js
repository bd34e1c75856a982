// One row of the table: its cells, written from a trial.
import { formatDuration, formatMetric, formatNumber } from "../format.js";
import { showState } from "../live/state.js";

/** @import {Store} from "../live/store.js" */
/** @import {ParamsChange, TrialRow} from "../live/types.js" */

const ORDERS = { stop: "stopping", prune: "pruning", checkpoint: "leaving at a checkpoint" };

/** Which trial a row is of. @param {Element} row */
export function numberOf(row) {
  return Number(row.id.slice("trial-".length));
}

/** @param {HTMLTableRowElement} row @param {TrialRow} trial @param {Store} store @param {string} metric */
export function fill(row, trial, store, metric) {
  row.dataset.state = trial.state;
  showState(/** @type {HTMLElement|null} */ (row.querySelector(".state")), trial.state);
  write(row, "attempt", attemptWords(trial));
  showChanges(/** @type {HTMLElement|null} */ (row.querySelector("[data-cell=changes]")), trial.changes ?? []);
  for (const cell of row.querySelectorAll("[data-param]")) {
    const name = /** @type {HTMLElement} */ (cell).dataset.param ?? "";
    text(cell, trial.params && name in trial.params ? formatNumber(trial.params[name]) : "");
  }
  write(row, "value", formatMetric(trial.value));
  for (const cell of row.querySelectorAll("[data-value]")) {
    text(cell, formatMetric(trial.values[Number(/** @type {HTMLElement} */ (cell).dataset.value)] ?? null));
  }
  if (trial.state !== "running" || trial.duration_s !== null) write(row, "duration", formatDuration(trial.duration_s));
  write(row, "runner", trial.runner);
  write(row, "failure", trial.failure_code);
  write(row, "message", trial.failure_message);
  writeLatest(row, trial, store, metric);
}

/** What the trial logged last. @param {HTMLTableRowElement} row @param {TrialRow} trial @param {Store} store @param {string} metric */
export function writeLatest(row, trial, store, metric) {
  for (const cell of row.querySelectorAll("[data-metric]")) {
    const latest = store.latest(trial.number, /** @type {HTMLElement} */ (cell).dataset.metric ?? "");
    if (latest) text(cell, formatMetric(latest.value));
  }
  const cell = row.querySelector("[data-live]");
  if (!cell) return;
  if (trial.state === "fail") {
    const link = cell.querySelector("a") ?? document.createElement("a");
    link.href = `trials/${trial.number}/#failure`;
    text(link, trial.failure_message || trial.failure_code);
    if (!link.parentNode) cell.replaceChildren(link);
    return;
  }
  const parts = [];
  let step = -1;
  for (const name of ["loss", metric]) {
    const latest = name ? store.latest(trial.number, name) : null;
    if (!latest) continue;
    step = Math.max(step, latest.step);
    parts.push(`${name} ${formatMetric(latest.value)}`);
  }
  if (parts.length || trial.state === "running") text(cell, parts.length ? `step ${step} · ${parts.join(" · ")}` : "");
}

/** @param {Element} row @param {string} cell @param {string} words */
export function write(row, cell, words) {
  const element = row.querySelector(`[data-cell="${cell}"]`);
  if (element) text(element, words);
}

/** Beside the state: which attempt it is, and what a person has to do with its end. @param {TrialRow} trial */
function attemptWords(trial) {
  const words = trial.attempt > 1 ? [`attempt ${trial.attempt}`] : [];
  if (trial.order && trial.state === "running") words.push(ORDERS[trial.order]);
  if (trial.stopped) words.push("by a person");
  return words.join(", ");
}

/**
 * What population-based training has changed: at which steps; the last parameters stand in their columns.
 * @param {HTMLElement|null} cell
 * @param {ParamsChange[]} changes
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

/** Set a text only when it differs: most cells of a changed row stay as they are. @param {Element} element @param {string} words */
function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
