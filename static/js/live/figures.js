// The head of a sweep's page: state, verbs, progress, times, best value, notes.
import { formatDuration, formatMetric, formatNumber, formatSize } from "../format.js";
import { showState } from "./state.js";

/** @import {SweepState} from "./types.js" */

const OPEN = new Set(["queued", "running", "paused"]);
const ENDED = new Set(["complete", "fail", "cancelled"]);
const WANTED = {
  run: "",
  stop: "Stopping: no new trial starts, those that run now finish.",
  cancel: "Cancelling: running trials are ended now.",
  pause: "Pausing: no new trial starts. The runner is free when those that run have ended.",
};
const PAUSED = "Paused: no runner is held, nothing is lost. Resume it when it is to go on.";
/** @type {[import("./types.js").TrialStateWord, string][]} */
const COUNTS = [
  ["complete", "complete"],
  ["pruned", "pruned"],
  ["fail", "failed"],
  ["cancelled", "cancelled"],
  ["waiting", "waiting"],
];

/** Trials by state, in words. @param {SweepState["counts"]} counts */
export function countWords(counts) {
  return COUNTS.filter(([key]) => counts[key])
    .map(([key, word]) => `${counts[key]} ${word}`)
    .join(" · ");
}

/** Which verbs apply now. @param {SweepState} sweep @returns {Record<string, boolean>} */
export function verbs(sweep) {
  const open = OPEN.has(sweep.state);
  return {
    start: sweep.state === "draft",
    edit: sweep.state === "draft",
    pause: open && sweep.wanted === "run" && sweep.state !== "paused",
    resume: open && (sweep.wanted === "pause" || sweep.state === "paused"),
    add: sweep.state !== "draft" && sweep.wanted !== "stop" && sweep.wanted !== "cancel",
    extend: ENDED.has(sweep.state),
    change: open && sweep.wanted !== "stop" && sweep.wanted !== "cancel",
    archive: !open && !sweep.archived,
    restore: sweep.archived,
    remove: !open || sweep.state === "paused",
    stop: open && sweep.wanted !== "stop" && sweep.wanted !== "cancel",
    cancel: open && sweep.wanted !== "cancel",
    clone: true,
    confirm: sweep.best !== null || sweep.pareto.length > 0,
    model: sweep.model !== null,
  };
}

export class Figures {
  constructor() {
    this.received = Date.now();
    /** @type {SweepState|null} */
    this.sweep = null;
    /** Server's clock minus this one, in milliseconds. */
    this.skew = 0;
  }

  /** @param {SweepState} sweep */
  update(sweep) {
    this.sweep = sweep;
    this.received = Date.now();
    const ticking = isTicking(sweep);
    if (ticking) this.skew = Date.parse(/** @type {string} */ (sweep.started_at)) + 1000 * (sweep.elapsed_s ?? 0) - this.received;
    showState(document.querySelector('[data-bind="state"]'), sweep.state);
    for (const [verb, applies] of Object.entries(verbs(sweep))) {
      for (const button of document.querySelectorAll(`[data-verb="${verb}"]`)) /** @type {HTMLElement} */ (button).hidden = !applies;
    }
    bind("counted", String(sweep.counted));
    bind("n_trials", String(sweep.n_trials));
    bind("running", String(sweep.counts.running ?? 0));
    bind("counts", countWords(sweep.counts));
    bind("model_size", formatSize(sweep.model?.bytes));
    const bar = /** @type {HTMLProgressElement|null} */ (document.querySelector('[data-bind="progress"]'));
    if (bar) {
      bar.max = sweep.n_trials || 1;
      bar.value = sweep.counted;
      bar.dataset.state = sweep.state;
    }
    this.#best(sweep);
    note("failed", "failure", sweep.state === "fail" ? sweep.failure_message || sweep.failure_code : "");
    const paused = sweep.state === "paused" ? PAUSED : (WANTED[sweep.wanted] ?? "");
    note("wanted", "wanted", OPEN.has(sweep.state) ? paused : "");
    note("waiting", "waiting", sweep.waiting_reason);
    if (sweep.finished_at) ended();
    document.title = titleOf(sweep);
    this.tick();
  }

  /** Times that go on between messages. */
  tick() {
    const sweep = this.sweep;
    if (!sweep) return;
    const since = isTicking(sweep) ? (Date.now() - this.received) / 1000 : 0;
    bind("elapsed", formatDuration(sweep.elapsed_s === null ? null : sweep.elapsed_s + since));
    bind("remaining", formatDuration(sweep.remaining_s === null ? null : Math.max(sweep.remaining_s - since, 0)));
  }

  /** The server's time now, in milliseconds. */
  now() {
    return Date.now() + this.skew;
  }

  /** @param {SweepState} sweep */
  #best(sweep) {
    const trials = sweep.pareto.length === 1 ? "trial" : "trials";
    const small = document.createElement("small");
    small.textContent = trials;
    document.querySelector('[data-bind="pareto"]')?.replaceChildren(`${sweep.pareto.length} `, small);
    bind("best_value", formatMetric(sweep.best?.value));
    const best = sweep.best;
    for (const element of document.querySelectorAll("[data-best-param]")) {
      const name = /** @type {HTMLElement} */ (element).dataset.bestParam ?? "";
      element.textContent = best ? formatNumber(best.params[name]) : "–";
    }
    const trial = document.querySelector('[data-bind="best_trial"]');
    const word = best ? `trial ${best.number}` : "";
    if (!trial || trial.textContent?.trim() === word) return;
    const link = document.createElement("a");
    link.href = `trials/${best?.number}/`;
    link.textContent = word;
    trial.replaceChildren(...(best ? [link] : []));
  }
}

/** @param {SweepState} sweep */
function isTicking(sweep) {
  return Boolean(sweep.started_at) && !sweep.finished_at;
}

let plainTitle = "";

/** The title bar tells the progress, so that a tab in the background does. @param {SweepState} sweep */
function titleOf(sweep) {
  plainTitle ||= document.title;
  if (sweep.state === "running") return `${sweep.counted}/${sweep.n_trials} · ${plainTitle}`;
  return sweep.state === "draft" ? plainTitle : `${sweep.state === "fail" ? "failed" : sweep.state} · ${plainTitle}`;
}

/** @param {string} name @param {string} words */
function bind(name, words) {
  for (const element of document.querySelectorAll(`[data-bind="${name}"]`)) {
    if (element.textContent !== words) element.textContent = words;
  }
}

/** What waits for a trial says that none will come. */
function ended() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-ended]")))
    element.textContent = element.dataset.ended ?? "";
}

/** @param {string} show @param {string} name @param {string} words */
function note(show, name, words) {
  const element = /** @type {HTMLElement|null} */ (document.querySelector(`[data-show="${show}"]`));
  if (!element) return;
  element.hidden = !words;
  if (words) bind(name, words);
}
