// Any quantity against any other, coloured by a third.
import { gradeColors } from "../charts/colors.js";
import { csvText } from "../charts/export.js";
import { graded } from "../charts/grades.js";
import { choice, offer, ScaleKey } from "../charts/keys.js";
import { Plot } from "../charts/plot.js";
import { Scale } from "../charts/scale.js";
import { jittered } from "../charts/spread.js";
import { formatMetric } from "../format.js";

/** @import {Column} from "../live/frame.js" */
/** @import {Mounted, Mounting} from "../charts/mounting.js" */

const HEIGHT = 420;

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Scatter(host, mounting);
  chart.draw();
  return chart;
}

class Scatter extends Plot {
  /** @param {HTMLElement} host @param {Mounting} mounting */
  constructor(host, mounting) {
    super(host, mounting, "One quantity against another, a point for each trial");
    this.selects = ["across", "up", "colour"].map((label) => choice(mounting.tools, label, () => this.draw()));
    this.key = new ScaleKey(mounting.tools);
  }

  /** What is drawn: across, up, colour. @returns {Column[]} */
  chosen() {
    const columns = this.frame.columns().filter(({ id, values }) => id !== "number" && values.some((value) => value !== null));
    const options = columns.map(({ id, label }) => /** @type {[string, string]} */ ([id, label]));
    const first = (/** @type {string} */ start) => columns.find(({ id }) => id.startsWith(start))?.id ?? columns[0]?.id;
    const starts = [first("param:"), first("value:"), columns.some(({ id }) => id === "more:sweep") ? first("value:") : ""];
    for (const [place, select] of this.selects.entries()) offer(select, options, starts[place]);
    return this.selects.map((select) => this.frame.column(select.value));
  }

  /** @override */
  painted() {
    const by = this.chosen()[2];
    const objective = by.id.startsWith("value:") ? this.frame.objectives[Number(by.id.slice(6))] : null;
    const found = graded(by.values, objective?.direction ?? "maximize");
    if (objective) this.key.show(objective.name, found, objective.direction);
    else if (by.choices) this.key.say(`${by.label} ${by.choices[0] ?? ""}`, by.choices.at(-1) ?? "");
    else this.key.say(`${by.label} ${formatMetric(found.worst)}`, formatMetric(found.best));
    return { group: found.grade, colors: gradeColors() };
  }

  /** @override @param {number} width */
  compose(width) {
    const [across, up, by] = this.chosen();
    const [x, y] = [new Scale(across), new Scale(up)];
    const at = { left: 70, top: 34, width: width - 100, height: HEIGHT - 90 };
    const unique = [...new Map([across, up, by].map((column) => [column.id, column])).values()];
    return {
      height: HEIGHT,
      panels: [
        {
          ...at,
          x: { name: across.label, ticks: x.ticks(Math.max(2, at.width / 80)) },
          y: { name: up.label, ticks: y.ticks(6) },
          xs: jittered(x, across.values, this.frame.numbers),
          ys: jittered(y, up.values, this.frame.numbers),
          says: unique
            .filter(({ id }) => !id.startsWith("value:"))
            .map((column) => /** @type {[string, (i: number) => string]} */ ([column.label, (i) => this.frame.words(column, i)])),
        },
      ],
    };
  }

  csv() {
    const { head, rows } = this.rows([...new Set(this.chosen().map(({ id }) => id))]);
    return csvText(head, rows);
  }
}
