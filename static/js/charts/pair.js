// Two parameters against each other: what the contour and the rank plot share.
import { csvText } from "./export.js";
import { choice, offer, ScaleKey } from "./keys.js";
import { Plot } from "./plot.js";
import { Scale } from "./scale.js";
import { jittered } from "./spread.js";

/** @import {Column} from "../live/frame.js" */
/** @import {Mounting} from "./mounting.js" */

const HEIGHT = 440;

export class Pair extends Plot {
  /** @param {HTMLElement} host @param {Mounting} mounting @param {string} label */
  constructor(host, mounting, label) {
    super(host, mounting, label);
    this.selects = [choice(mounting.tools, "across", () => this.draw()), choice(mounting.tools, "up", () => this.draw())];
    this.key = new ScaleKey(mounting.tools);
  }

  /** The two columns; a sweep of one parameter has its number beside it. @returns {[Column, Column]} */
  pair() {
    const columns = this.frame.columns().filter(({ id }) => id.startsWith("param:") || id === "number");
    columns.sort((a, b) => Number(a.id === "number") - Number(b.id === "number"));
    /** @type {[string, string][]} */
    const options = columns.map(({ id, label }) => [id, label]);
    for (const [place, select] of this.selects.entries()) offer(select, options, (options[place] ?? options[0])[0]);
    return [this.frame.column(this.selects[0].value), this.frame.column(this.selects[1].value)];
  }

  /** Series below the points. @param {Float64Array} _xs @param {Float64Array} _ys @param {{width: number, height: number}} _size @returns {object[]} */
  ground(_xs, _ys, _size) {
    return [];
  }

  /** @override @param {number} width */
  compose(width) {
    const [across, up] = this.pair();
    const [x, y] = [new Scale(across), new Scale(up)];
    const at = { left: 70, top: 34, width: width - 100, height: HEIGHT - 90 };
    // Only trials with a value have a colour to show.
    const { values } = this.aim();
    const valued = (/** @type {Float64Array} */ places) => places.map((place, i) => (values[i] === null ? Number.NaN : place));
    const says = (/** @type {Column} */ column) =>
      /** @type {[string, (i: number) => string]} */ ([column.label, (i) => this.frame.words(column, i)]);
    return {
      height: HEIGHT,
      panels: [
        {
          ...at,
          x: { name: across.label, ticks: x.ticks(Math.max(2, at.width / 80)) },
          y: { name: up.label, ticks: y.ticks(6) },
          xs: valued(jittered(x, across.values, this.frame.numbers)),
          ys: valued(jittered(y, up.values, this.frame.numbers)),
          series: this.ground(valued(x.places(across.values)), valued(y.places(up.values)), at),
          says: across.id === up.id ? [says(across)] : [says(across), says(up)],
        },
      ],
    };
  }

  csv() {
    const { head, rows } = this.rows([...new Set(this.pair().map(({ id }) => id)), `value:${this.objective}`]);
    return csvText(head, rows);
  }
}
