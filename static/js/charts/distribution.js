// The empirical distribution of the objective: which share of trials is as low or lower.
import { csvText } from "./export.js";
import { distribution, graded } from "./grades.js";
import { ScaleKey } from "./keys.js";
import { Plot } from "./plot.js";
import { Scale } from "./scale.js";

/** @import {Mounted, Mounting} from "./mounting.js" */
/** @import {Composed} from "./plot.js" */

const HEIGHT = 400;

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Distribution(host, mounting, "Share of trials by value");
  chart.key = new ScaleKey(mounting.tools);
  chart.draw();
  return chart;
}

class Distribution extends Plot {
  /** @type {ScaleKey|null} */
  key = null;

  /** @override @param {number} width @returns {Composed} */
  compose(width) {
    const { name, values, direction } = this.aim();
    this.key?.show(name, graded(values, direction), direction);
    const x = new Scale({ kind: "number", log: false, choices: null, values });
    const y = new Scale({ kind: "number", log: false, choices: null, values: [0, 1] });
    const steps = distribution(values);
    const ys = new Float64Array(values.length).fill(Number.NaN);
    for (const { place, share } of steps) ys[place] = share;
    const chosen = this.selection.chosen;
    const some = chosen && distribution(values.map((value, i) => (chosen.has(this.frame.numbers[i]) ? value : null)));
    return {
      height: HEIGHT,
      panels: [
        {
          left: 60,
          top: 34,
          width: width - 90,
          height: HEIGHT - 90,
          x: { name, ticks: x.ticks(Math.max(2, width / 110)) },
          y: { name: "share of trials", ticks: y.ticks(5) },
          xs: x.places(values),
          ys,
          series: [
            line(steps, x, this.colors?.quiet ?? "grey", 1.5),
            ...(some?.length ? [line(some, x, this.colors?.best ?? "black", 2.5)] : []),
          ],
          says: [["as low or lower", (/** @type {number} */ i) => `${(100 * ys[i]).toFixed(1)} %`]],
        },
      ],
    };
  }

  csv() {
    const { name, values } = this.aim();
    const rows = distribution(values).map(({ place, value, share }) => [this.frame.numbers[place], value, share]);
    return csvText(["trial", name, "share"], rows);
  }
}

/** @param {ReturnType<typeof distribution>} steps @param {Scale} x @param {string} color @param {number} width */
function line(steps, x, color, width) {
  const data = steps.map(({ value, share }) => [x.at(value), share]);
  return { type: "line", step: "end", z: 2, showSymbol: false, lineStyle: { color, width }, data };
}
