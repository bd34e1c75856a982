// Optimisation history: the value of each trial, and the best so far.
import { formatMetric, formatNumber, toNumber } from "../format.js";
import { axis, Canvas, palette } from "./canvas.js";
import { bestSoFar, marks } from "./series.js";

/** @import {Store} from "../live/store.js" */
/** @import {Mark} from "./series.js" */

const REACH = 28;
const PARAMS = 8;

export class HistoryChart {
  /** @type {Mark[]} */
  #marks = [];

  /**
   * @param {HTMLElement} box
   * @param {Store} store
   * @param {string} metric
   * @param {string} direction
   * @param {(number: number) => void} choose called with the trial that was clicked
   */
  constructor(box, store, metric, direction, choose) {
    this.canvas = new Canvas(box);
    this.store = store;
    this.metric = metric;
    this.direction = direction;
    this.canvas.listen(
      (place) => this.#hover(place),
      (place) => {
        const mark = this.#nearest(place);
        if (mark) choose(mark.number);
      },
    );
  }

  draw() {
    this.#marks = marks(this.store.trials.values(), (number) => toNumber(this.store.latest(number, this.metric)?.value));
    const colors = palette();
    const line = bestSoFar(this.#marks, this.direction);
    const last = this.#marks.at(-1)?.number ?? 0;
    // The line goes on to the newest trial: the best is still the best there.
    if (line.length && last > line[line.length - 1][0]) line.push([last, line[line.length - 1][1]]);
    const size = this.#marks.length > 300 ? 5 : 8;
    const scatter = (/** @type {string} */ state, /** @type {string} */ symbol, /** @type {object} */ itemStyle) => ({
      type: "scatter",
      symbol,
      symbolSize: size,
      itemStyle,
      silent: true,
      data: this.#marks.filter((mark) => mark.state === state).map((mark) => [mark.number, mark.value]),
    });
    this.canvas.draw(
      {
        grid: { left: 12, right: 18, top: 30, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(colors),
          name: "trial",
          nameLocation: "middle",
          nameGap: 26,
          minInterval: 1,
          min: 0,
          max: Math.max(last, 4),
          splitLine: { show: false },
        },
        yAxis: {
          ...axis(colors),
          scale: true,
          name: this.metric,
          nameTextStyle: { color: colors.quiet, fontSize: 11, align: "left" },
          axisLabel: { color: colors.quiet, fontSize: 11, formatter: formatNumber },
        },
        series: [
          { type: "line", step: "end", showSymbol: false, silent: true, z: 1, lineStyle: { color: colors.best, width: 2 }, data: line },
          scatter("complete", "circle", { color: colors.complete }),
          scatter("pruned", "diamond", { color: colors.surface, borderColor: colors.pruned, borderWidth: 1.5 }),
          scatter("running", "circle", { color: colors.surface, borderColor: colors.running, borderWidth: 2 }),
        ],
      },
      this.#marks.length > 0,
    );
  }

  /** @param {[number, number]} place @returns {Mark|null} */
  #nearest([x, y]) {
    let nearest = null;
    let least = REACH;
    if (!this.#marks.length) return null;
    const project = this.canvas.projection();
    for (const mark of this.#marks) {
      const [px, py] = project(mark.number, mark.value);
      const distance = Math.hypot(px - x, py - y);
      if (distance < least) {
        least = distance;
        nearest = mark;
      }
    }
    return nearest;
  }

  /** @param {[number, number]|null} place */
  #hover(place) {
    const mark = place && this.#nearest(place);
    if (!mark) {
      this.canvas.hideTip();
      return;
    }
    const params = Object.entries(this.store.trials.get(mark.number)?.params ?? {});
    this.canvas.showTip(this.canvas.projection()(mark.number, mark.value), [
      [`Trial ${mark.number}`, mark.state],
      [this.metric, formatMetric(mark.value)],
      ...params.slice(0, PARAMS).map(([name, value]) => /** @type {[string, string]} */ ([name, formatNumber(value)])),
    ]);
  }
}
