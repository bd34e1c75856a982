// What the page knows of a sweep: a snapshot with a position, and the ordered messages above it. Pure: no DOM, no network.
// It keeps what runs, the best and the newest, however long the page is open; all trials are in the frame.
import { thinned } from "./thinning.js";

/** @import {AttemptCurve, Change, ChangesMessage, Curve, LogLine, Points, Snapshot, SweepState, TrialRow} from "./types.js" */

const LOG_LINES = 2000;
/** More rows, curves or points of a curve than the first number are cut down to the second. */
const ROWS = [400, 200];
const CURVES = [400, 250];
const POINTS = [1000, 400];

/**
 * @typedef {object} Curves of one trial
 * @property {number} attempt
 * @property {Map<string, Curve>} metrics
 * @property {Set<string>|null} told metrics of which everything is here; null: all that it logs
 */

/** @returns {Change} */
function noChange() {
  return { all: false, sweep: false, trials: new Set(), curves: new Set(), logs: [] };
}

export class Store {
  constructor() {
    this.loaded = false;
    this.position = -1;
    /** Of the last snapshot that was taken. */
    this.snapshotPosition = -1;
    /** @type {SweepState|null} */
    this.sweep = null;
    /** @type {Map<number, TrialRow>} */
    this.trials = new Map();
    /** @type {Map<number, Curves>} */
    this.curves = new Map();
    /** Metrics that the snapshot named. @type {string[]} */
    this.named = [];
    /** @type {LogLine[]} */
    this.logs = [];
    /** @type {ChangesMessage[]} messages that wait for the snapshot */
    this.held = [];
    this.holding = true;
    this.behind = 0;
  }

  /** Keep messages back until the next `load`: a snapshot is on its way. */
  hold() {
    this.holding = true;
  }

  /**
   * Take a snapshot, then the messages above it that came meanwhile.
   * @param {Snapshot} snapshot
   * @returns {{change: Change, gap: boolean}} `gap`: a message is missing; fetch again.
   */
  load(snapshot) {
    const change = noChange();
    const held = this.held;
    this.held = [];
    this.holding = false;
    this.behind = 0;
    // An answer that was overtaken by messages already applied is older than what is known.
    if (!this.loaded || snapshot.position >= this.position) {
      this.#replace(snapshot);
      change.all = true;
      change.sweep = true;
      change.logs = this.logs;
    }
    let gap = false;
    for (const message of held) {
      if (this.#fits(message) === "gap") gap = true;
      else this.#apply(message, change);
    }
    return { change, gap };
  }

  /**
   * Take a message.
   * @param {ChangesMessage} message
   * @returns {Change|"held"|"old"|"gap"} `gap`: something was missed; fetch a snapshot.
   */
  receive(message) {
    if (this.holding) {
      this.held.push(message);
      return "held";
    }
    const fit = this.#fits(message);
    if (fit !== "next") return fit;
    const change = noChange();
    this.#apply(message, change);
    return change;
  }

  /**
   * The server's position, told in answer to a ping. True when the page has been behind twice in a row: a message was lost.
   * @param {number} position
   */
  isBehind(position) {
    this.behind = position > this.position ? this.behind + 1 : 0;
    return this.behind >= 2;
  }

  /** Metric names of all curves, here or not. @returns {string[]} */
  metrics() {
    const names = new Set(this.named);
    for (const curve of this.curves.values()) for (const name of curve.metrics.keys()) names.add(name);
    return [...names].sort();
  }

  /** The last logged value of a trial's metric. @param {number} number @param {string} metric */
  latest(number, metric) {
    const curve = this.curves.get(number)?.metrics.get(metric);
    if (!curve || curve.step.length === 0) return null;
    const last = curve.step.length - 1;
    return { step: curve.step[last], value: curve.value[last] };
  }

  /**
   * A trial's curve of a metric, null where it logged none; undefined where the server has to be asked.
   * @param {number} number @param {string} metric
   */
  curve(number, metric) {
    const curves = this.curves.get(number);
    if (!curves || (curves.told && !curves.told.has(metric))) return undefined;
    return curves.metrics.get(metric) ?? null;
  }

  /**
   * Take curves that the server was asked for.
   * @param {string} metric @param {Iterable<number>} asked trials @param {Record<string, AttemptCurve>} found by number
   */
  merge(metric, asked, found) {
    for (const number of asked) {
      const curve = found[number];
      const attempt = curve?.attempt ?? 0;
      let known = this.curves.get(number);
      if (!known || known.attempt < attempt) {
        known = { attempt, metrics: new Map(), told: new Set() };
        this.curves.set(number, known);
      }
      known.told?.add(metric);
      if (!curve || known.attempt > attempt) continue;
      const { step, epoch, t, value } = curve;
      const later = known.metrics.get(metric);
      const merged = { step, epoch, t, value };
      // What was logged since the server answered, or while it did, is in front of nothing.
      for (let i = 0; i < (later?.step.length ?? 0); i += 1) if (later && later.step[i] > (step.at(-1) ?? -1)) copyPoint(later, i, merged);
      known.metrics.set(metric, merged);
    }
    this.#trim();
  }

  /** @param {ChangesMessage} message @returns {"next"|"old"|"gap"} */
  #fits(message) {
    if (message.position <= this.position) return "old";
    return message.from > this.position ? "gap" : "next";
  }

  /** @param {Snapshot} snapshot */
  #replace(snapshot) {
    this.loaded = true;
    this.position = snapshot.position;
    this.snapshotPosition = snapshot.position;
    this.sweep = snapshot.sweep;
    this.trials = new Map(snapshot.trials.map((row) => [row.number, row]));
    this.curves = new Map();
    this.named = snapshot.metrics;
    const carried = new Set(Object.values(snapshot.curves).flatMap((metrics) => Object.keys(metrics)));
    const whole = this.named.every((name) => carried.has(name));
    for (const [key, metrics] of Object.entries(snapshot.curves)) {
      const number = Number(key);
      const attempt = this.trials.get(number)?.attempt ?? 0;
      this.curves.set(number, { attempt, metrics: new Map(Object.entries(metrics)), told: whole ? null : new Set(carried) });
    }
    this.logs = snapshot.logs;
  }

  /** @param {ChangesMessage} message @param {Change} change */
  #apply(message, change) {
    if (message.position <= this.position) return;
    // Messages are coalesced, so one may begin below the snapshot; what it repeats must not count twice.
    const overlaps = message.from < this.position;
    this.position = message.position;
    if (message.sweep) {
      this.sweep = message.sweep;
      change.sweep = true;
    }
    for (const row of message.trials ?? []) this.#row(row, change);
    for (const points of message.points ?? []) this.#points(points, change);
    this.#lines(message.logs ?? [], overlaps, change);
    this.#trim();
  }

  /** @param {TrialRow} row @param {Change} change */
  #row(row, change) {
    const before = this.trials.get(row.number);
    if (row.intermediate === undefined && before?.attempt === row.attempt) row.intermediate = before.intermediate;
    this.trials.set(row.number, row);
    change.trials.add(row.number);
    const curve = this.curves.get(row.number);
    if (curve && row.attempt > curve.attempt) {
      this.curves.set(row.number, { attempt: row.attempt, metrics: new Map(), told: null });
      change.curves.add(row.number);
    }
  }

  /** @param {Points} points @param {Change} change */
  #points(points, change) {
    const { number, attempt } = points;
    let curve = this.curves.get(number);
    if (curve && attempt < curve.attempt) return;
    if (!curve || attempt > curve.attempt) {
      // A trial that is not known at all began after the snapshot, unless it was one of too many.
      curve = { attempt, metrics: new Map(), told: this.trials.has(number) ? null : new Set() };
      this.curves.set(number, curve);
    }
    for (const [name, values] of Object.entries(points.values)) {
      let line = curve.metrics.get(name);
      if (!line) {
        line = { step: [], epoch: [], t: [], value: [] };
        curve.metrics.set(name, line);
      }
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i];
        // Steps grow within an attempt, so a step that is not above the last is one that is known.
        if (value === null || points.step[i] <= (line.step.at(-1) ?? -1)) continue;
        line.step.push(points.step[i]);
        line.epoch.push(points.epoch[i]);
        line.t.push(points.t[i]);
        line.value.push(value);
      }
      if (line.step.length > POINTS[0]) curve.metrics.set(name, thinned(line, POINTS[1]));
    }
    change.curves.add(number);
  }

  /** Forget the oldest of what has ended and is not the best. */
  #trim() {
    const best = new Set([this.sweep?.best?.number, ...(this.sweep?.pareto ?? [])]);
    const rests = (/** @type {number} */ number) => {
      const state = this.trials.get(number)?.state;
      return state !== "running" && state !== "waiting" && !best.has(number);
    };
    if (this.trials.size > ROWS[0]) {
      const old = [...this.trials.keys()].filter(rests).sort((a, b) => a - b);
      for (const number of old.slice(0, this.trials.size - ROWS[1])) this.trials.delete(number);
    }
    if (this.curves.size > CURVES[0]) {
      // In the order in which they came.
      const old = [...this.curves.keys()].filter(rests);
      for (const number of old.slice(0, this.curves.size - CURVES[1])) this.curves.delete(number);
    }
  }

  /** @param {LogLine[]} lines @param {boolean} overlaps @param {Change} change */
  #lines(lines, overlaps, change) {
    if (lines.length === 0) return;
    const known = overlaps ? new Set(this.logs.map(lineKey)) : new Set();
    const fresh = lines.filter((line) => !known.has(lineKey(line)));
    this.logs = this.logs.concat(fresh).slice(-LOG_LINES);
    change.logs = change.all ? this.logs : change.logs.concat(fresh);
  }
}

/** @param {Curve} from @param {number} i @param {Curve} to */
function copyPoint(from, i, to) {
  to.step.push(from.step[i]);
  to.epoch.push(from.epoch[i]);
  to.t.push(from.t[i]);
  to.value.push(from.value[i]);
}

/** What makes a line of the log itself. @param {LogLine} line */
export function lineKey(line) {
  return `${line.t}|${line.number}|${line.stream}|${line.text}`;
}
