// Learning curves: one line per trial of a chosen metric; the pointer names the nearest.
import { formatMetric, formatNumber } from "../format.js";
import { axis, Canvas, palette } from "./canvas.js";
import { chooseLines, linePoints, metricOrder } from "./series.js";

/** @import {Store} from "../live/store.js" */
/** @import {Curve} from "../live/types.js" */

const REACH = 32;

export class CurvesChart {
  /** @type {{number: number, points: [number, number][]}[]} */
  #lines = [];
  /** @type {"step"|"epoch"} */
  #by = "step";
  #names = "";
  /** @type {number|null} */
  #marked = null;

  /**
   * @param {HTMLElement} box
   * @param {HTMLSelectElement} select
   * @param {HTMLElement} axisChoice
   * @param {Store} store
   * @param {string} objective
   * @param {(number: number, step: number) => void} choose called with the trial and the step that were clicked
   */
  constructor(box, select, axisChoice, store, objective, choose) {
    this.canvas = new Canvas(box);
    this.select = select;
    this.store = store;
    this.objective = objective;
    select.addEventListener("change", () => this.draw());
    axisChoice.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button) return;
      this.#by = button.value === "epoch" ? "epoch" : "step";
      for (const other of axisChoice.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      this.draw();
    });
    this.canvas.listen(
      (place) => this.#hover(place),
      (place) => {
        const near = this.#nearest(place);
        if (near) choose(near.number, this.#stepOf(near.number, near.point[0]));
      },
    );
  }

  draw() {
    this.#choices();
    const metric = this.select.value;
    const best = this.store.sweep?.best?.number;
    const first = new Set(best === undefined ? [] : [best]);
    for (const trial of this.store.trials.values()) if (trial.state === "running") first.add(trial.number);
    const numbers = [...this.store.curves.keys()]
      .filter((number) => this.store.curves.get(number)?.metrics.has(metric))
      .sort((a, b) => a - b);
    this.#lines = chooseLines(numbers, first).map((number) => ({
      number,
      points: linePoints(/** @type {Curve} */ (this.store.curves.get(number)?.metrics.get(metric)), this.#by),
    }));
    const colors = palette();
    const style = (/** @type {number} */ number) => {
      if (number === best) return { color: colors.best, width: 2.5, z: 4 };
      if (this.store.trials.get(number)?.state === "running") return { color: colors.running, width: 2, z: 3 };
      return { color: colors.muted, width: 1.25, z: 2 };
    };
    this.canvas.draw(
      {
        grid: { left: 12, right: 18, top: 30, bottom: 26, containLabel: true },
        xAxis: { ...axis(colors), name: this.#by, nameLocation: "middle", nameGap: 26, min: 0, splitLine: { show: false } },
        yAxis: {
          ...axis(colors),
          scale: true,
          name: metric,
          nameTextStyle: { color: colors.quiet, fontSize: 11, align: "left" },
          axisLabel: { color: colors.quiet, fontSize: 11, formatter: formatNumber },
        },
        series: this.#lines.map(({ number, points }) => {
          const { color, width, z } = style(number);
          return {
            type: "line",
            silent: true,
            z,
            // A curve of one point would be invisible as a line.
            showSymbol: points.length < 3,
            symbol: "circle",
            symbolSize: 5,
            itemStyle: { color },
            lineStyle: { color, width },
            emphasis: { disabled: false, lineStyle: { color: number === best ? colors.best : colors.text, width: 3 } },
            blur: { lineStyle: { opacity: 0.35 } },
            data: points,
          };
        }),
      },
      this.#lines.some((line) => line.points.length > 0),
    );
    const marked = this.#marked;
    this.#marked = null;
    this.highlight(marked);
  }

  /** Draw one trial's line above the others. @param {number|null} number */
  highlight(number) {
    if (number === this.#marked) return;
    const index = (/** @type {number|null} */ wanted) => this.#lines.findIndex((line) => line.number === wanted);
    const before = index(this.#marked);
    if (before >= 0) this.canvas.chart.dispatchAction({ type: "downplay", seriesIndex: before });
    const now = index(number);
    if (now >= 0) this.canvas.chart.dispatchAction({ type: "highlight", seriesIndex: now });
    this.#marked = number;
  }

  #choices() {
    const names = metricOrder(this.store.metrics(), this.objective);
    const key = names.join(" ");
    if (!names.length || key === this.#names) return;
    const chosen = names.includes(this.select.value) ? this.select.value : names[0];
    this.#names = key;
    this.select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  }

  /** The step at a place of the horizontal axis. @param {number} number @param {number} x */
  #stepOf(number, x) {
    const curve = this.store.curves.get(number)?.metrics.get(this.select.value);
    if (this.#by === "step" || !curve) return x;
    return curve.step[curve.epoch.indexOf(x)] ?? 0;
  }

  /** @param {[number, number]} place */
  #nearest([x, y]) {
    let nearest = null;
    let least = REACH;
    if (!this.#lines.length) return null;
    const project = this.canvas.projection();
    for (const { number, points } of this.#lines) {
      for (const [px, py] of points) {
        const [left, top] = project(px, py);
        const distance = Math.hypot(left - x, top - y);
        if (distance < least) {
          least = distance;
          nearest = { number, point: /** @type {[number, number]} */ ([px, py]), place: /** @type {[number, number]} */ ([left, top]) };
        }
      }
    }
    return nearest;
  }

  /** @param {[number, number]|null} place */
  #hover(place) {
    const near = place && this.#nearest(place);
    this.highlight(near ? near.number : null);
    if (!near) {
      this.canvas.hideTip();
      return;
    }
    const state = this.store.trials.get(near.number)?.state ?? "";
    this.canvas.showTip(near.place, [
      [`Trial ${near.number}`, state === "fail" ? "failed" : state],
      [this.select.value, formatMetric(near.point[1])],
      [this.#by, formatNumber(near.point[0])],
    ]);
  }
}
