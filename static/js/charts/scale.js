// From a column's values to places along an axis, 0 to 1, and back. Pure: no DOM.
import { formatDuration, formatNumber } from "../format.js";

/** @import {Column} from "../live/frame.js" */

/** @typedef {{at: number, label: string}} Tick */

/** Decades that a logarithmic axis must span to have ticks at the powers of ten alone. */
const DECADES = 2;

export class Scale {
  /**
   * @param {Pick<Column, "kind"|"log"|"choices"|"values">} column
   * @param {boolean} [log] a logarithmic axis, where every value is above 0
   */
  constructor(column, log = column.log) {
    this.kind = column.kind;
    this.choices = column.choices;
    let low = Infinity;
    let high = -Infinity;
    for (const value of column.values) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    /** Whether there is any value at all. */
    this.empty = low > high;
    /** Whether a logarithmic axis is possible. */
    this.canLog = !this.choices && low > 0 && !this.empty;
    this.log = log && this.canLog;
    if (this.empty) [low, high] = [0, 1];
    /** The value, where there is one only: round numbers around it would say nothing. @type {number|null} */
    this.only = low === high ? low : null;
    if (low === high)
      [low, high] = this.log ? [low / 2, high * 2] : [low - Math.max(Math.abs(low) / 10, 0.5), high + Math.max(Math.abs(high) / 10, 0.5)];
    this.low = low;
    this.high = high;
    this.first = this.log ? Math.log10(low) : low;
    this.span = (this.log ? Math.log10(high) : high) - this.first;
  }

  /** @param {number} value @returns {number} */
  at(value) {
    if (this.choices) return (value + 0.5) / Math.max(this.choices.length, 1);
    return ((this.log ? Math.log10(value) : value) - this.first) / this.span;
  }

  /** The value at a place; of choices the nearest. @param {number} at */
  value(at) {
    if (this.choices) return Math.min(Math.max(Math.floor(at * this.choices.length), 0), this.choices.length - 1);
    const raw = this.first + at * this.span;
    return this.log ? 10 ** raw : raw;
  }

  /** Places of a whole column, NaN where there is no value. @param {(number|null)[]} values */
  places(values) {
    const found = new Float64Array(values.length);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      found[i] = value === null ? Number.NaN : this.at(value);
    }
    return found;
  }

  /** @param {number|null} value */
  words(value) {
    if (value === null) return "–";
    if (this.choices) return this.choices[value] ?? "–";
    return this.kind === "time" ? formatDuration(value) : formatNumber(value);
  }

  /** At most about `count` ticks, ascending. @param {number} count @returns {Tick[]} */
  ticks(count) {
    if (this.choices) {
      const every = Math.ceil(this.choices.length / Math.max(count, 1));
      return this.choices.map((label, place) => ({ at: this.at(place), label })).filter((_, place) => place % every === 0);
    }
    if (this.only !== null) return [{ at: this.at(this.only), label: this.words(this.only) }];
    const values = this.log && this.span >= DECADES ? decades(this.first, this.span, count) : this.#even(count);
    return values.map((value) => ({ at: this.at(value), label: this.kind === "time" ? formatDuration(value) : short(value) }));
  }

  /** @param {number} count */
  #even(count) {
    if (!this.log) return steps(this.low, this.high, count);
    const found = [];
    for (let power = Math.floor(this.first); power <= this.first + this.span; power += 1) {
      for (const digit of [1, 2, 5]) found.push(Number(`${digit}e${power}`));
    }
    const inside = found.filter((value) => value >= this.low && value <= this.high);
    return inside.length > 1 ? thinned(inside, count) : steps(this.low, this.high, count);
  }
}

/** Round steps of 1, 2 or 5 within two bounds. @param {number} low @param {number} high @param {number} count */
export function steps(low, high, count) {
  const raw = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((digit) => digit * power >= raw) ?? 10);
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) found.push(Number((n * step).toPrecision(12)));
  return found;
}

/** Powers of ten. @param {number} first @param {number} span both in decades @param {number} count */
function decades(first, span, count) {
  const found = [];
  for (let power = Math.ceil(first - 1e-9); power <= first + span + 1e-9; power += 1) found.push(Number(`1e${power}`));
  return thinned(found, count);
}

/** @param {number[]} values @param {number} count */
function thinned(values, count) {
  const every = Math.ceil(values.length / Math.max(count, 1));
  return values.filter((_, place) => place % every === 0);
}

/** A tick's number: small and large ones with a power. @param {number} value */
function short(value) {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) {
    const [digits, power] = value.toExponential(3).split("e");
    return `${Number(digits)}e${Number(power)}`.replaceAll("-", "−");
  }
  return formatNumber(value);
}
