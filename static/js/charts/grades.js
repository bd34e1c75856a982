// How good each trial is by one objective, as grades for a scale of colours: 0 is the worst, GRADES - 1 the best. Pure.

/** As many as there are steps between the tokens --chart-scale-0 … 7 (viridis, which the colour-blind can read). */
export const GRADES = 15;
/** Of each end of the values so much is outliers, which would leave one colour to all others. */
const OUTLYING = 0.05;

/** @typedef {{grade: Int8Array, worst: number, best: number, clipped: boolean}} Graded `grade` is -1 where there is no value */

/**
 * @param {(number|null)[]} values
 * @param {string} direction "minimize" or "maximize"
 * @param {{byRank?: boolean}} [how] byRank: as many trials in each grade
 * @returns {Graded}
 */
export function graded(values, direction, { byRank = false } = {}) {
  const sorted = /** @type {number[]} */ (values.filter((value) => value !== null)).sort((a, b) => a - b);
  const grade = new Int8Array(values.length).fill(-1);
  if (!sorted.length) return { grade, worst: Number.NaN, best: Number.NaN, clipped: false };
  const cut = sorted.length >= 20 ? Math.floor(sorted.length * OUTLYING) : 0;
  const better = direction === "maximize";
  // Only the bad end is cut: the best trials are what people look for.
  const low = better ? sorted[cut] : sorted[0];
  const high = better ? sorted[sorted.length - 1] : sorted[sorted.length - 1 - cut];
  const rank = byRank ? ranks(sorted) : null;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null) continue;
    const share = rank ? (rank.get(value) ?? 0) : high > low ? (value - low) / (high - low) : 1;
    const good = better ? share : 1 - share;
    grade[i] = Math.round(Math.min(Math.max(good, 0), 1) * (GRADES - 1));
  }
  return { grade, worst: better ? low : high, best: better ? high : low, clipped: cut > 0 && !byRank };
}

/** Value → its rank, 0 to 1; equal values share the middle. @param {number[]} sorted */
function ranks(sorted) {
  const found = new Map();
  const last = Math.max(sorted.length - 1, 1);
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to + 1 < sorted.length && sorted[to + 1] === sorted[from]) to += 1;
    found.set(sorted[from], (from + to) / 2 / last);
    from = to + 1;
  }
  return found;
}

/**
 * Trials that no other beats in every objective.
 * @param {(number|null)[][]} columns one per objective
 * @param {string[]} directions
 * @returns {Set<number>} places
 */
export function paretoFront(columns, directions) {
  const signs = directions.map((direction) => (direction === "maximize" ? -1 : 1));
  const places = [...columns[0].keys()].filter((i) => columns.every((column) => column[i] !== null));
  const point = (/** @type {number} */ i) => columns.map((column, o) => signs[o] * /** @type {number} */ (column[i]));
  const points = new Map(places.map((i) => [i, point(i)]));
  const at = (/** @type {number} */ i) => /** @type {number[]} */ (points.get(i));
  places.sort((a, b) => at(a).reduce((found, value, o) => found || value - at(b)[o], 0) || a - b);
  /** @type {number[]} */
  const front = [];
  for (const i of places) {
    const mine = at(i);
    const beaten = front.some((other) => {
      const theirs = at(other);
      return theirs.every((value, o) => value <= mine[o]) && theirs.some((value, o) => value < mine[o]);
    });
    if (!beaten) front.push(i);
  }
  return new Set(front);
}

/**
 * The empirical distribution of one objective.
 * @param {(number|null)[]} values
 * @returns {{place: number, value: number, share: number}[]} by value; `share` of trials are as low or lower
 */
export function distribution(values) {
  const found = [];
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place];
    if (value !== null) found.push({ place, value, share: 0 });
  }
  found.sort((a, b) => a.value - b.value);
  for (let i = 0; i < found.length; i += 1) found[i].share = (i + 1) / found.length;
  return found;
}

/**
 * Which trials have a value of every objective that keeps its limit; one that is NaN is none.
 * @param {ArrayLike<number|null>[]} columns @param {string[]} directions @param {number[]} limits
 */
export function withinLimits(columns, directions, limits) {
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, i) =>
    columns.every((values, o) => {
      const value = values[i];
      if (value === null || Number.isNaN(value)) return false;
      return Number.isNaN(limits[o]) || (directions[o] === "maximize" ? value >= limits[o] : value <= limits[o]);
    }),
  );
}
