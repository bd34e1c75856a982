// A surface through scattered points: each cell the mean of what lies near it, near by a Gaussian (Nadaraya-Watson
// regression on a grid). Points are put into cells first, so the time does not grow with their number. Pure.

export const COLUMNS = 48;
export const ROWS = 36;
/** The Gaussian's standard deviation, of an axis' length. */
const WIDTH = 0.07;
/** A cell with less weight near it than this has no trial near it, and stays empty. */
const NEAR = 0.02;

/**
 * @param {ArrayLike<number>} xs 0 to 1, NaN to leave a point out
 * @param {ArrayLike<number>} ys
 * @param {ArrayLike<number>} values below 0 to leave a point out
 * @returns {Float64Array} ROWS rows of COLUMNS cells from the lower left; NaN where no point is near
 */
export function smoothed(xs, ys, values) {
  const weight = new Float64Array(COLUMNS * ROWS);
  const total = new Float64Array(COLUMNS * ROWS);
  for (let i = 0; i < values.length; i += 1) {
    if (!(values[i] >= 0) || Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
    const cell = Math.min(Math.floor(xs[i] * COLUMNS), COLUMNS - 1) + COLUMNS * Math.min(Math.floor(ys[i] * ROWS), ROWS - 1);
    weight[cell] += 1;
    total[cell] += values[i];
  }
  const near = blurred(weight);
  const sum = blurred(total);
  return sum.map((value, cell) => (near[cell] > NEAR ? value / near[cell] : Number.NaN));
}

/** The same Gaussian along both axes, one after the other. @param {Float64Array} cells */
function blurred(cells) {
  return along(along(cells, COLUMNS, 1, ROWS, COLUMNS), ROWS, COLUMNS, COLUMNS, 1);
}

/** @param {Float64Array} cells @param {number} length @param {number} step @param {number} lines @param {number} next */
function along(cells, length, step, lines, next) {
  const reach = Math.ceil(3 * WIDTH * length);
  const kernel = Array.from({ length: reach + 1 }, (_, n) => Math.exp(-0.5 * (n / (WIDTH * length)) ** 2));
  const found = new Float64Array(cells.length);
  for (let line = 0; line < lines; line += 1) {
    for (let i = 0; i < length; i += 1) {
      let sum = 0;
      for (let j = Math.max(0, i - reach); j <= Math.min(length - 1, i + reach); j += 1) {
        sum += cells[line * next + j * step] * kernel[Math.abs(i - j)];
      }
      found[line * next + i * step] = sum;
    }
  }
  return found;
}
