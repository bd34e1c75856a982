// Overlaid learning curves: a line per compared trial, told apart by colour and dash, the base thicker than the others.
import { Canvas, curveAxes, palette } from "../charts/canvas.js";
import { gradeColors } from "../charts/colors.js";
import { csvText } from "../charts/export.js";
import { GRADES } from "../charts/grades.js";
import { linePoints, smoothed } from "../charts/series.js";
import { formatDuration, formatMetric, formatNumber } from "../format.js";

/** @import {By} from "../charts/series.js" */
/** @import {Selection} from "../live/selection.js" */
/** @import {Curve} from "../live/types.js" */
/** @import {ComparedFrame} from "./frame.js" */

/** @typedef {{color: string, dash: string, width: number}} Style */
/** @typedef {{place: number, points: [number, number][]} & Style} Line */

const DASHES = ["solid", "dashed", "dotted"];
const REACH = 32;
/** The palest colours, which stand out least from the page, are left out. */
const PALE = 5;

export class OverlaidCurves {
  /** @type {Line[]} */
  #lines = [];
  /** Metric → the trial as an address names it → curve. @type {Map<string, Record<string, Curve>>} */
  #known = new Map();
  /** @type {number|null} */
  #marked = null;

  /**
   * @param {HTMLElement} box a `.chart` with `.chart-canvas` and `.chart-empty`
   * @param {{frame: ComparedFrame, selection: Selection, url: string, form: HTMLFormElement}} options
   *   `url` answers with `metric` added; fields of the form: `metric`, `by`, `smoothing`, `logX`, `logY`
   */
  constructor(box, { frame, selection, url, form }) {
    this.canvas = new Canvas(box);
    this.frame = frame;
    this.selection = selection;
    this.url = url;
    this.form = form;
    form.addEventListener("input", () => this.draw());
    form.addEventListener("submit", (event) => event.preventDefault());
    selection.addEventListener("choose", () => this.draw());
    selection.addEventListener("hover", () => this.#highlight(selection.hovered));
    this.canvas.listen(
      (pointer) => this.#hover(pointer),
      (pointer) => {
        const near = this.#nearest(pointer);
        if (near) location.assign(frame.address(near.place));
      },
    );
  }

  /** How each trial is drawn, by place. Asking the page for its colours is slow, so it is done once. @returns {Style[]} */
  styles() {
    const colors = gradeColors();
    const last = Math.max(this.frame.size - 2, 1);
    return this.frame.numbers.map((place) => {
      if (place === 0) return { color: palette().text, dash: "solid", width: 3 };
      const grade = PALE + Math.round((1 - (place - 1) / last) * (GRADES - 1 - PALE));
      return { color: colors[grade], dash: DASHES[place % DASHES.length], width: 1.75 };
    });
  }

  async draw() {
    const { metric, by, smoothing, logX, logY } = this.#chosen();
    const curves = await this.#curves(metric);
    // Another one was chosen while this one came.
    if (metric !== this.#chosen().metric) return;
    const styles = this.styles();
    this.#lines = [...this.frame.numbers.keys()].flatMap((place) => {
      const curve = curves[this.frame.name(place)];
      if (!curve || !this.selection.shows(place)) return [];
      const points = smoothed(linePoints(curve, by), smoothing).filter(([x, y]) => (!logX || x > 0) && (!logY || y > 0));
      return [{ place, points, ...styles[place] }];
    });
    const colors = palette();
    this.canvas.draw(
      {
        ...curveAxes(colors, { metric, by, smoothing, logX, logY }),
        series: this.#lines.map(({ place, points, color, dash, width }) => ({
          type: "line",
          silent: true,
          z: place ? 2 : 3,
          showSymbol: points.length < 3,
          symbolSize: 5,
          itemStyle: { color },
          lineStyle: { color, width, type: dash },
          emphasis: { disabled: false, lineStyle: { color, width: 4 } },
          data: points,
        })),
      },
      this.#lines.some(({ points }) => points.length > 0),
    );
    this.#marked = null;
    this.#highlight(this.selection.hovered);
  }

  png() {
    return this.canvas.png();
  }

  svg() {
    return this.canvas.svg();
  }

  csv() {
    const { metric, by } = this.#chosen();
    const rows = this.#lines.flatMap(({ place, points }) => points.map(([x, y]) => [this.frame.name(place), x, y]));
    return csvText(["trial", by, metric], rows);
  }

  #chosen() {
    const { elements } = this.form;
    const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (elements.namedItem(name));
    return {
      metric: field("metric").value,
      by: /** @type {By} */ (field("by").value),
      smoothing: Number(field("smoothing").value),
      logX: field("logX").checked,
      logY: field("logY").checked,
    };
  }

  /** @param {string} metric @returns {Promise<Record<string, Curve>>} */
  async #curves(metric) {
    const known = this.#known.get(metric);
    if (known) return known;
    try {
      const answer = await fetch(`${this.url}&metric=${encodeURIComponent(metric)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return {};
      const { curves } = await answer.json();
      this.#known.set(metric, curves);
      return curves;
    } catch {
      // The server is away: the chart asks again when it is drawn again.
      return {};
    }
  }

  /** @param {number|null} place */
  #highlight(place) {
    if (place === this.#marked) return;
    const index = (/** @type {number|null} */ wanted) => this.#lines.findIndex((line) => line.place === wanted);
    const before = index(this.#marked);
    if (before >= 0) this.canvas.chart.dispatchAction({ type: "downplay", seriesIndex: before });
    const now = index(place);
    if (now >= 0) this.canvas.chart.dispatchAction({ type: "highlight", seriesIndex: now });
    this.#marked = place;
  }

  /** @param {[number, number]} pointer */
  #nearest([x, y]) {
    if (!this.#lines.length) return null;
    const { logX, logY } = this.#chosen();
    const project = this.canvas.projection(logX, logY);
    let nearest = null;
    let least = REACH;
    for (const { place, points } of this.#lines) {
      for (const point of points) {
        const at = project(...point);
        const distance = Math.hypot(at[0] - x, at[1] - y);
        if (distance < least) {
          least = distance;
          nearest = { place, point, at };
        }
      }
    }
    return nearest;
  }

  /** @param {[number, number]|null} pointer */
  #hover(pointer) {
    const near = pointer && this.#nearest(pointer);
    this.selection.hover(near ? near.place : null);
    if (!near) {
      this.canvas.hideTip();
      return;
    }
    const { metric, by } = this.#chosen();
    this.canvas.showTip(near.at, [
      [this.frame.title(near.place), near.place ? this.frame.state(near.place) : `${this.frame.state(0)}, base`],
      [metric, formatMetric(near.point[1])],
      [by, by === "time" ? formatDuration(near.point[0]) : formatNumber(near.point[0])],
    ]);
  }
}
