// Every metric of one trial as a small chart. The names lead to the large one, a click on a curve to that moment in the log.
import { axis, Canvas, palette } from "../charts/canvas.js";
import { linePoints } from "../charts/series.js";
import { formatDuration, formatMetric, formatNumber } from "../format.js";

/** @import {By} from "../charts/series.js" */
/** @import {Store} from "../live/store.js" */

/**
 * @typedef {object} MultiplesOptions
 * @property {Store} store
 * @property {number} number
 * @property {() => By} by what curves are drawn over
 * @property {(metric: string) => void} choose
 * @property {(step: number) => void} open
 */

const REACH = 40;

export class Multiples {
  /** @type {{metric: string, canvas: Canvas, points: [number, number][], steps: number[]}[]} */
  #charts = [];

  /** @param {HTMLElement|null} section @param {MultiplesOptions} options */
  constructor(section, options) {
    this.options = options;
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (section?.querySelectorAll(".metric[data-metric]") ?? [])) {
      const metric = item.dataset.metric ?? "";
      const canvas = new Canvas(/** @type {HTMLElement} */ (item.querySelector(".chart")));
      /** @type {{metric: string, canvas: Canvas, points: [number, number][], steps: number[]}} */
      const chart = { metric, canvas, points: [], steps: [] };
      item.querySelector("button")?.addEventListener("click", () => options.choose(metric));
      canvas.listen(
        (pointer) => this.#hover(chart, pointer),
        (pointer) => {
          const near = this.#nearest(chart, pointer);
          if (near !== null) options.open(chart.steps[near]);
        },
      );
      this.#charts.push(chart);
    }
  }

  draw() {
    const colors = palette();
    const by = this.options.by();
    for (const chart of this.#charts) {
      const curve = this.options.store.curve(this.options.number, chart.metric);
      chart.points = curve ? linePoints(curve, by) : [];
      chart.steps = curve ? linePoints(curve, "step").map(([step]) => step) : [];
      const quiet = { ...axis(colors), nameTextStyle: undefined, axisLabel: { color: colors.quiet, fontSize: 10, hideOverlap: true } };
      chart.canvas.draw(
        {
          grid: { left: 4, right: 10, top: 8, bottom: 4, containLabel: true },
          xAxis: { ...quiet, min: 0, splitNumber: 3, splitLine: { show: false } },
          yAxis: { ...quiet, scale: true, splitNumber: 3, axisLabel: { ...quiet.axisLabel, formatter: formatNumber } },
          series: [
            {
              type: "line",
              silent: true,
              showSymbol: chart.points.length < 3,
              symbolSize: 5,
              itemStyle: { color: colors.best },
              lineStyle: { color: colors.best, width: 1.75 },
              data: chart.points,
            },
          ],
        },
        chart.points.length > 0,
      );
    }
  }

  /** @param {{canvas: Canvas, points: [number, number][]}} chart @param {[number, number]} pointer */
  #nearest({ canvas, points }, [x]) {
    if (!points.length) return null;
    const project = canvas.projection();
    let nearest = null;
    let least = REACH;
    for (let i = 0; i < points.length; i += 1) {
      // Along the axis only: a small chart is to be read anywhere above a step.
      const distance = Math.abs(project(...points[i])[0] - x);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  /** @param {{metric: string, canvas: Canvas, points: [number, number][]}} chart @param {[number, number]|null} pointer */
  #hover(chart, pointer) {
    const near = pointer && this.#nearest(chart, pointer);
    if (near === null) {
      chart.canvas.hideTip();
      chart.canvas.mark(null);
      return;
    }
    const [x, y] = chart.points[near];
    const place = chart.canvas.projection()(x, y);
    const by = this.options.by();
    chart.canvas.mark(place);
    chart.canvas.showTip(place, [
      [chart.metric, formatMetric(y)],
      [by, by === "time" ? formatDuration(x) : formatNumber(x)],
    ]);
  }
}
