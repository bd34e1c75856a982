// Every trial of a sweep as columns, in order of number: what charts are drawn from. Pure: no DOM, no network.
import { formatNumber, toNumber } from "../format.js";

/** @import {FrameJson, TrialRow} from "./types.js" */

/**
 * @typedef {object} Column `values` has one entry per trial, null where there is none
 * @property {string} id `number`, `state`, `value:0`, `param:NAME`, `duration`, `started`, `runner`
 * @property {string} label
 * @property {"number"|"choice"|"time"} kind choice: values are places in `choices`; time: seconds
 * @property {boolean} log made for a logarithmic axis
 * @property {string[]|null} choices
 * @property {(number|null)[]} values
 */

export class Frame {
  /** @type {Map<string, Column>} */
  #columns = new Map();
  /** Place of each choice, by its JSON, of each column of choices. @type {Map<string, Map<string, number>>} */
  #places = new Map();
  /** Number → place; none while numbers count from 0 without a hole. @type {Map<number, number>|null} */
  #index = null;

  /** @param {FrameJson} json */
  constructor(json) {
    /** What it stands at: the position of the newest message in it. */
    this.position = json.position;
    this.numbers = json.number;
    this.states = json.states;
    this.objectives = json.objectives.map(({ name, direction }) => ({ name, direction }));
    /** Trial number → the last value that a trial without one reported. @type {Map<number, number>} */
    this.reported = new Map(json.reported?.number.map((number, i) => [number, json.reported?.value[i] ?? Number.NaN]));
    /** When `started` counts from, in milliseconds. @type {number|null} */
    this.start = json.start === null ? null : json.start * 1000;
    this.#add("number", "Trial", "number", json.number);
    this.#add("state", "State", "choice", json.state, json.states);
    for (const [place, { name, values }] of json.objectives.entries()) this.#add(`value:${place}`, name, "number", values);
    for (const { name, kind, log, choices, values } of json.params) {
      this.#add(`param:${name}`, name, kind, values, choices, log);
    }
    this.#add("duration", "Duration", "time", json.duration);
    this.#add("started", "Started", "time", json.started);
    this.#add("runner", "Runner", "choice", json.runner, json.runners);
    this.#reindex();
  }

  /** @param {FrameJson} json the answer of `…/frame/` */
  static from(json) {
    return new Frame(json);
  }

  /** How many trials there are. */
  get size() {
    return this.numbers.length;
  }

  /** The place of a trial in every column, -1 where there is none. @param {number} number */
  indexOf(number) {
    if (this.#index) return this.#index.get(number) ?? -1;
    return number >= 0 && number < this.numbers.length ? number : -1;
  }

  /** The state's word of the trial at place `i`. @param {number} i */
  state(i) {
    return this.states[this.column("state").values[i] ?? 0];
  }

  /** What people call the trial at place `i`. @param {number} i */
  title(i) {
    return `Trial ${this.numbers[i]}`;
  }

  /** What names it in a file. @param {number} i @returns {number|string} */
  name(i) {
    return this.numbers[i];
  }

  /** Of its page. @param {number} i @param {string} sweepUrl with a slash at its end */
  address(i, sweepUrl) {
    return `${sweepUrl}trials/${this.numbers[i]}/`;
  }

  /** All columns: number, state, values, parameters, times, runner. */
  columns() {
    return [...this.#columns.values()];
  }

  /** @param {string} id @returns {Column} */
  column(id) {
    const column = this.#columns.get(id);
    if (!column) throw new RangeError(`The frame has no column ${id}.`);
    return column;
  }

  /** Whether there is such a column. @param {string} id */
  has(id) {
    return this.#columns.has(id);
  }

  /** One value in words: a choice by its name, a number in short form. @param {Column} column @param {number} i */
  words(column, i) {
    const value = column.values[i];
    if (value === null || value === undefined) return "–";
    return column.choices ? (column.choices[value] ?? "–") : formatNumber(value);
  }

  /**
   * Write rows into the columns: known trials in place, new ones in order of number.
   * @param {Iterable<TrialRow>} rows
   * @param {number} position what the rows stand at
   */
  update(rows, position = this.position) {
    for (const row of rows) this.#write(this.#placeFor(row.number), row);
    this.position = Math.max(this.position, position);
  }

  /** @param {number} number */
  #placeFor(number) {
    const known = this.indexOf(number);
    if (known >= 0) return known;
    let place = this.numbers.length;
    while (place > 0 && this.numbers[place - 1] > number) place -= 1;
    for (const column of this.#columns.values()) column.values.splice(place, 0, null);
    this.numbers[place] = number;
    this.#reindex();
    return place;
  }

  /** @param {number} i @param {TrialRow} row */
  #write(i, row) {
    const set = (/** @type {string} */ id, /** @type {number|null} */ value) => {
      this.column(id).values[i] = value;
    };
    set("state", Math.max(this.states.indexOf(row.state), 0));
    for (const place of this.objectives.keys()) set(`value:${place}`, finite(row.values[place]));
    set("duration", row.duration_s);
    set("started", row.started_at && this.start !== null ? (Date.parse(row.started_at) - this.start) / 1000 : null);
    set("runner", row.runner ? this.#choice(this.column("runner"), row.runner) : null);
    for (const [name, value] of Object.entries(row.params ?? {})) {
      const id = `param:${name}`;
      if (!this.#columns.has(id)) this.#addParam(name, typeof value);
      const column = this.column(id);
      if (column.kind === "number" && typeof value !== "number") this.#toChoices(column);
      column.values[i] = column.kind === "number" ? finite(value) : this.#choice(column, value);
    }
    const reported = finite(row.values[0]) === null ? finite(row.intermediate?.at(-1)?.[2]) : null;
    if (reported === null && row.state === "complete") this.reported.delete(row.number);
    if (reported !== null) this.reported.set(row.number, reported);
  }

  /**
   * @param {string} id @param {string} label @param {Column["kind"]} kind @param {(number|null)[]} values
   * @param {unknown[]|null} [choices] @param {boolean} [log]
   */
  #add(id, label, kind, values, choices = null, log = false) {
    this.#columns.set(id, { id, label, kind, log, choices: choices?.map((choice) => formatNumber(choice)) ?? null, values });
    if (choices) this.#places.set(id, new Map(choices.map((choice, place) => [JSON.stringify(choice), place])));
  }

  /** A parameter that no trial has had before. @param {string} name @param {string} type */
  #addParam(name, type) {
    const later = ["duration", "started", "runner"].map((id) => this.column(id));
    for (const { id } of later) this.#columns.delete(id);
    const number = type === "number";
    this.#add(
      `param:${name}`,
      name,
      number ? "number" : "choice",
      this.numbers.map(() => null),
      number ? null : [],
    );
    for (const column of later) this.#columns.set(column.id, column);
  }

  /** A column of numbers that gets something else is one of choices from now on. @param {Column} column */
  #toChoices(column) {
    const found = [...new Set(column.values.filter((value) => value !== null))].sort((a, b) => a - b);
    column.values.splice(0, column.values.length, ...column.values.map((value) => (value === null ? null : found.indexOf(value))));
    column.choices = found.map((value) => formatNumber(value));
    column.kind = "choice";
    column.log = false;
    this.#places.set(column.id, new Map(found.map((value, place) => [JSON.stringify(value), place])));
  }

  /** The place of a choice; a new one comes last. @param {Column} column @param {unknown} value */
  #choice(column, value) {
    const places = /** @type {Map<string, number>} */ (this.#places.get(column.id));
    const key = JSON.stringify(value);
    let place = places.get(key);
    if (place === undefined) {
      place = places.size;
      places.set(key, place);
      column.choices?.push(formatNumber(value));
    }
    return place;
  }

  #reindex() {
    const last = this.numbers.length - 1;
    // Numbers ascend, so when the last one fits its place, all do.
    this.#index = last < 0 || this.numbers[last] === last ? null : new Map(this.numbers.map((number, i) => [number, i]));
  }
}

/** @param {unknown} value */
function finite(value) {
  const number = toNumber(value);
  return Number.isFinite(number) ? number : null;
}
