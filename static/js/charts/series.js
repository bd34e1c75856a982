// What the charts draw, as data. Pure: no canvas.
import { toNumber } from "../format.js";

/** @import {Curve, TrialRow} from "../live/types.js" */

const LINES = 120;
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

/** @param {Curve} curve @param {"step"|"epoch"} by @returns {[number, number][]} finite points */
export function linePoints(curve, by) {
  /** @type {[number, number][]} */
  const points = [];
  for (let i = 0; i < curve.step.length; i += 1) {
    const x = by === "epoch" ? (curve.epoch[i] ?? NaN) : curve.step[i];
    const y = toNumber(curve.value[i]);
    if (Number.isFinite(x) && Number.isFinite(y)) points.push([x, y]);
  }
  return points;
}

/** @typedef {{number: number, value: number, state: string}} Mark */

/**
 * What is drawn for each trial: its value, or the last one it reported while it has none.
 * @param {Iterable<TrialRow>} trials
 * @param {(number: number) => number} latest the last value a trial logged, NaN for none
 * @returns {Mark[]} by number; finite values only
 */
export function marks(trials, latest) {
  const found = [];
  for (const { number, state, value, intermediate } of trials) {
    if (state !== "complete" && state !== "pruned" && state !== "running") continue;
    let figure = toNumber(value);
    if (Number.isNaN(figure) && state !== "complete") {
      figure = latest(number);
      if (Number.isNaN(figure)) figure = toNumber(intermediate?.at(-1)?.[2]);
    }
    if (Number.isFinite(figure)) found.push({ number, value: figure, state });
  }
  return found.sort((a, b) => a.number - b.number);
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
