// Where the panels of a chart lie. Pure.

/**
 * Panels of one size in rows.
 * @param {number} width of the whole, in pixels @param {number} count @param {{least: number, height: number}} size of a panel with its labels
 * @returns {{height: number, at: {left: number, top: number, width: number, height: number}[]}}
 */
export function laidOut(width, count, { least, height }) {
  const columns = Math.max(1, Math.min(count, Math.floor(width / least)));
  const each = width / columns;
  const at = Array.from({ length: count }, (_, place) => ({
    left: (place % columns) * each + 56,
    top: Math.floor(place / columns) * height + 30,
    width: each - 76,
    height: height - 80,
  }));
  return { height: Math.ceil(count / columns) * height, at };
}
