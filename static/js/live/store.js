// What the page knows of a sweep: a snapshot with a position, and the ordered messages above it. Pure: no DOM, no network.
/** @import {Change, ChangesMessage, Curve, LogLine, Points, Snapshot, SweepState, TrialRow} from "./types.js" */

const LOG_LINES = 2000;

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
    /** @type {Map<number, {attempt: number, metrics: Map<string, Curve>}>} */
    this.curves = new Map();
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

  /** Metric names of all curves. @returns {string[]} */
  metrics() {
    const names = new Set();
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
    for (const [key, metrics] of Object.entries(snapshot.curves)) {
      const number = Number(key);
      const attempt = this.trials.get(number)?.attempt ?? 0;
      this.curves.set(number, { attempt, metrics: new Map(Object.entries(metrics)) });
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
  }

  /** @param {TrialRow} row @param {Change} change */
  #row(row, change) {
    const before = this.trials.get(row.number);
    if (row.intermediate === undefined && before?.attempt === row.attempt) row.intermediate = before.intermediate;
    this.trials.set(row.number, row);
    change.trials.add(row.number);
    const curve = this.curves.get(row.number);
    if (curve && row.attempt > curve.attempt) {
      this.curves.set(row.number, { attempt: row.attempt, metrics: new Map() });
      change.curves.add(row.number);
    }
  }

  /** @param {Points} points @param {Change} change */
  #points(points, change) {
    const { number, attempt } = points;
    let curve = this.curves.get(number);
    if (curve && attempt < curve.attempt) return;
    if (!curve || attempt > curve.attempt) {
      curve = { attempt, metrics: new Map() };
      this.curves.set(number, curve);
    }
    for (const [name, values] of Object.entries(points.values)) {
      let line = curve.metrics.get(name);
      if (!line) {
        line = { step: [], epoch: [], value: [] };
        curve.metrics.set(name, line);
      }
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i];
        // Steps grow within an attempt, so a step that is not above the last is one that is known.
        if (value === null || points.step[i] <= (line.step.at(-1) ?? -1)) continue;
        line.step.push(points.step[i]);
        line.epoch.push(points.epoch[i]);
        line.value.push(value);
      }
    }
    change.curves.add(number);
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

/** What makes a line of the log itself. @param {LogLine} line */
export function lineKey(line) {
  return `${line.t}|${line.number}|${line.stream}|${line.text}`;
}
