// Contour: the objective over two parameters, smoothed between the trials, with the trials upon it.
import { gradeColors } from "./colors.js";
import { GRADES, graded } from "./grades.js";
import { Pair } from "./pair.js";
import { COLUMNS, ROWS, smoothed } from "./smooth.js";

/** @import {Mounted, Mounting} from "./mounting.js" */

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Contour(host, mounting, "The objective over two parameters");
  chart.draw();
  return chart;
}

class Contour extends Pair {
  /** @override @param {Float64Array} xs @param {Float64Array} ys */
  ground(xs, ys) {
    const { name, values, direction } = this.aim();
    const { grade, ...told } = graded(values, direction);
    this.key.show(name, told, direction);
    const colors = gradeColors();
    const cells = smoothed(xs, ys, grade);
    /** @type {[number, number, number][]} */
    const data = [];
    for (let cell = 0; cell < cells.length; cell += 1) {
      if (!Number.isNaN(cells[cell])) data.push([(cell % COLUMNS) / COLUMNS, Math.floor(cell / COLUMNS) / ROWS, cells[cell]]);
    }
    const paint = (/** @type {any} */ _params, /** @type {any} */ api) => {
      const [left, bottom] = api.coord([api.value(0), api.value(1)]);
      const [right, top] = api.coord([api.value(0) + 1 / COLUMNS, api.value(1) + 1 / ROWS]);
      const level = Math.min(Math.max(Math.round(api.value(2)), 0), GRADES - 1);
      // Whole pixels, or seams would show between cells.
      const [x, y] = [Math.round(left), Math.round(top)];
      const shape = { x, y, width: Math.round(right) - x, height: Math.round(bottom) - y };
      return { type: "rect", shape, style: { fill: colors[level], opacity: 0.4 } };
    };
    return [{ type: "custom", z: 1, renderItem: paint, encode: { x: 0, y: 1 }, data }];
  }
}
