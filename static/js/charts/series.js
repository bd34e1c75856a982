// What the charts draw, as data. Pure: no canvas.
import { toNumber } from "../format.js";

/** @import {Frame} from "../live/frame.js" */
/** @import {Curve} from "../live/types.js" */

/** @typedef {"step"|"epoch"|"time"} By what a curve is drawn over; time: seconds since its first point */

const LINES = 60;
/** Figures about a whole training, not about a step. */
const SUMMARY =
  /^(train_(runtime|samples_per_second|steps_per_second|loss)|total_flos|eval_(runtime|samples_per_second|steps_per_second)|epoch)$/;

/**
 * Metrics in the order people look for them: the objective, the loss, what was evaluated, the rest.
 * @param {string[]} names
 * @param {string} objective
 */
export function metricOrder(names, objective) {
  const rank = (/** @type {string} */ name) => (name === objective ? 0 : name === "loss" ? 1 : name.startsWith("eval_") ? 2 : 3);
  return names.filter((name) => !SUMMARY.test(name)).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/**
 * Which trials are drawn when there are too many: the best, those that run, then the newest.
 * @param {number[]} numbers
 * @param {Set<number>} first always drawn
 * @param {number} limit
 */
export function chooseLines(numbers, first, limit = LINES) {
  if (numbers.length <= limit) return numbers;
  const rest = numbers.filter((number) => !first.has(number)).sort((a, b) => b - a);
  const kept = new Set([...numbers.filter((number) => first.has(number)), ...rest].slice(0, limit));
  return numbers.filter((number) => kept.has(number));
}

/** @param {Curve} curve @param {By} by @returns {[number, number][]} finite points */
export function linePoints(curve, by) {
  /** @type {[number, number][]} */
  const points = [];
  const times = by === "time" ? timesOf(curve.t) : [];
  for (let i = 0; i < curve.step.length; i += 1) {
    const x = by === "time" ? times[i] : by === "epoch" ? (curve.epoch[i] ?? NaN) : curve.step[i];
    const y = toNumber(curve.value[i]);
    if (Number.isFinite(x) && Number.isFinite(y)) points.push([x, y]);
  }
  return points;
}

/** Seconds since the first point. A clock that begins anew, with another job, adds nothing. @param {number[]} clock */
export function timesOf(clock) {
  let time = 0;
  return clock.map((t, i) => {
    time += i ? Math.max(t - clock[i - 1], 0) : 0;
    return time;
  });
}

/**
 * An exponential moving average that does not lean towards its first value, as TensorBoard smooths.
 * @param {[number, number][]} points @param {number} weight of what was before, 0 (as it is) up to but not 1
 * @returns {[number, number][]}
 */
export function smoothed(points, weight) {
  if (!weight) return points;
  let sum = 0;
  let total = 0;
  return points.map(([x, y]) => {
    sum = sum * weight + y * (1 - weight);
    total = total * weight + (1 - weight);
    return [x, sum / total];
  });
}

/** @typedef {{number: number, value: number, state: string}} Mark */

/**
 * What is drawn for each trial: its value, or the last one it reported while it has none.
 * @param {Frame} frame
 * @param {number} place of the objective
 * @param {(number: number) => number} latest the last value that a running trial logged, NaN for none
 * @returns {Mark[]} by number; finite values only
 */
export function marks(frame, place, latest) {
  const found = [];
  if (!frame.has(`value:${place}`)) return [];
  const { values } = frame.column(`value:${place}`);
  for (let i = 0; i < frame.size; i += 1) {
    const state = frame.state(i);
    if (state !== "complete" && state !== "pruned" && state !== "running") continue;
    const number = frame.numbers[i];
    let value = values[i] ?? NaN;
    if (Number.isNaN(value) && state !== "complete" && place === 0) {
      value = state === "running" ? latest(number) : NaN;
      if (Number.isNaN(value)) value = frame.reported.get(number) ?? NaN;
    }
    if (Number.isFinite(value)) found.push({ number, value, state });
  }
  return found;
}

/**
 * The best complete value up to each complete trial.
 * @param {Mark[]} points by number
 * @param {string} direction "minimize" or "maximize"
 * @returns {[number, number][]} [number, best]
 */
export function bestSoFar(points, direction) {
  /** @type {[number, number][]} */
  const line = [];
  let best = NaN;
  for (const { number, value, state } of points) {
    if (state !== "complete") continue;
    if (Number.isNaN(best) || (direction === "maximize" ? value > best : value < best)) best = value;
    line.push([number, best]);
  }
  return line;
}

/** The points at which a line of steps changes, and its last. @param {[number, number][]} line @returns {[number, number][]} */
export function changesOf(line) {
  return line.filter(([, value], i) => i === 0 || i === line.length - 1 || value !== line[i - 1][1]);
}
