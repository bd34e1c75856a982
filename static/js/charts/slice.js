// Slice: each parameter against the objective.
import { csvText } from "./export.js";
import { graded } from "./grades.js";
import { ScaleKey } from "./keys.js";
import { laidOut } from "./layout.js";
import { Plot } from "./plot.js";
import { Scale } from "./scale.js";
import { jittered } from "./spread.js";

/** @import {Mounted, Mounting} from "./mounting.js" */
/** @import {Composed} from "./plot.js" */

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Slice(host, mounting, "The objective against each parameter, a point per trial");
  chart.key = new ScaleKey(mounting.tools);
  chart.draw();
  return chart;
}

class Slice extends Plot {
  /** @type {ScaleKey|null} */
  key = null;

  /** @override @param {number} width @returns {Composed} */
  compose(width) {
    const { name, values, direction } = this.aim();
    this.key?.show(name, graded(values, direction), direction);
    const y = new Scale({ kind: "number", log: false, choices: null, values });
    const ys = y.places(values);
    const params = this.frame.columns().filter(({ id }) => id.startsWith("param:"));
    const { height, at } = laidOut(width, params.length, { least: 250, height: 250 });
    return {
      height,
      panels: params.map((column, place) => {
        const x = new Scale(column);
        return {
          ...at[place],
          x: { name: column.label, ticks: x.ticks(Math.max(2, at[place].width / 60)) },
          y: { name, ticks: y.ticks(4) },
          xs: jittered(x, column.values, this.frame.numbers),
          ys,
          says: [[column.label, (/** @type {number} */ i) => this.frame.words(column, i)]],
        };
      }),
    };
  }

  csv() {
    const ids = this.frame.columns().flatMap(({ id }) => (id.startsWith("param:") ? [id] : []));
    const { head, rows } = this.rows([...ids, `value:${this.objective}`]);
    return csvText(head, rows);
  }
}
