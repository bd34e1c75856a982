// Learning curves: one line per trial of a chosen metric; the pointer names the nearest.
import { formatDuration, formatMetric, formatNumber } from "../format.js";
import { Canvas, curveAxes, palette } from "./canvas.js";
import { csvText } from "./export.js";
import { chooseLines, linePoints, metricOrder, smoothed } from "./series.js";

/** @import {CurveSource} from "../live/curve-source.js" */
/** @import {Selection} from "../live/selection.js" */
/** @import {Store} from "../live/store.js" */
/** @import {By} from "./series.js" */

/** @typedef {{number: number, points: [number, number][], steps: number[]}} Line */

/**
 * @typedef {object} CurvesOptions
 * @property {HTMLSelectElement} metric
 * @property {HTMLElement} by buttons `step`, `epoch`, `time`
 * @property {HTMLFormElement|null} [drawing] fields `smoothing` (0 to 0.99), `logX`, `logY`, `hidePruned`
 * @property {Store} store
 * @property {string} objective
 * @property {(number: number, step: number) => void} open called with the trial and the step that were clicked
 * @property {Selection|null} [selection]
 * @property {CurveSource|null} [source] fetches what the store lacks
 * @property {(words: string) => void} [note] told which of how many trials are drawn
 * @property {(number: number) => string} [stateOf]
 */

const REACH = 32;

export class CurvesChart {
  /** @type {Line[]} */
  #lines = [];
  /** @type {By} */
  #by = "step";
  #names = "";
  /** @type {number|null} */
  #marked = null;

  /** @param {HTMLElement} box @param {CurvesOptions} options */
  constructor(box, options) {
    this.canvas = new Canvas(box);
    this.options = options;
    this.select = options.metric;
    this.store = options.store;
    options.metric.addEventListener("change", () => this.draw());
    options.by.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button) return;
      this.#by = /** @type {By} */ (button.value);
      for (const other of options.by.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      this.draw();
    });
    options.drawing?.addEventListener("input", () => this.draw());
    options.drawing?.addEventListener("submit", (event) => event.preventDefault());
    options.selection?.addEventListener("choose", () => this.draw());
    options.selection?.addEventListener("hover", () => this.highlight(options.selection?.hovered ?? null));
    this.canvas.listen(
      (place) => this.#hover(place),
      (place) => {
        const near = this.#nearest(place);
        if (near) options.open(near.number, near.step);
      },
    );
  }

  draw() {
    this.#choices();
    const metric = this.select.value;
    const best = this.store.sweep?.best?.number;
    const { smoothing, logX, logY } = this.#drawing();
    this.#lines = this.#numbers(metric).flatMap((number) => this.#line(number, metric, smoothing, logX, logY));
    const colors = palette();
    const style = (/** @type {number} */ number) => {
      if (number === best) return { color: colors.best, width: 2.5, z: 4 };
      if (this.#state(number) === "running") return { color: colors.running, width: 2, z: 3 };
      return { color: colors.muted, width: 1.25, z: 2 };
    };
    this.canvas.draw(
      {
        ...curveAxes(colors, { metric, by: this.#by, smoothing, logX, logY }),
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

  png() {
    return this.canvas.png();
  }

  svg() {
    return this.canvas.svg();
  }

  /** Every point that is drawn. */
  csv() {
    const head = ["number", "step", ...(this.#by === "step" ? [] : [this.#by]), this.select.value];
    const rows = this.#lines.flatMap(({ number, points, steps }) =>
      points.map(([x, y], i) => [number, steps[i], ...(this.#by === "step" ? [] : [x]), y]),
    );
    return csvText(head, rows);
  }

  /** Which trials are drawn: the chosen ones, or what runs, the best and the newest. @param {string} metric */
  #numbers(metric) {
    const { selection, source, note, stateOf } = this.options;
    const hidePruned = this.#drawing().hidePruned;
    const best = this.store.sweep?.best?.number;
    const first = new Set(best === undefined ? [] : [best]);
    for (const trial of this.store.trials.values()) if (trial.state === "running") first.add(trial.number);
    const chosen = selection?.chosen ?? null;
    const candidates = [...(chosen ?? this.store.curves.keys())]
      .filter((number) => this.store.curve(number, metric) !== null && !(hidePruned && this.#state(number) === "pruned"))
      .sort((a, b) => a - b);
    const drawn = chooseLines(candidates, first);
    source?.want(metric, drawn);
    const all = chosen?.size ?? (stateOf ? Object.values(this.store.sweep?.counts ?? {}).reduce((sum, count) => sum + count, 0) : 0);
    note?.(drawn.length < all ? `${drawn.length} of ${all} trials` : "");
    return drawn;
  }

  /** @param {number} number @param {string} metric @param {number} smoothing @param {boolean} logX @param {boolean} logY @returns {Line[]} */
  #line(number, metric, smoothing, logX, logY) {
    const curve = this.store.curve(number, metric);
    if (!curve) return [];
    const whole = linePoints(curve, this.#by);
    const places = whole.flatMap(([x, y], i) => ((logX && x <= 0) || (logY && y <= 0) ? [] : [i]));
    const even = smoothed(whole, smoothing);
    // A point that is not finite has no place in the line, and no step.
    const steps = linePoints(curve, "step").map(([step]) => step);
    return [{ number, points: places.map((i) => even[i]), steps: places.map((i) => steps[i] ?? 0) }];
  }

  #drawing() {
    const form = this.options.drawing;
    const field = (/** @type {string} */ name) => /** @type {HTMLInputElement|null} */ (form?.elements.namedItem(name) ?? null);
    return {
      smoothing: Number(field("smoothing")?.value ?? 0),
      logX: field("logX")?.checked ?? false,
      logY: field("logY")?.checked ?? false,
      hidePruned: field("hidePruned")?.checked ?? false,
    };
  }

  /** @param {number} number */
  #state(number) {
    return this.store.trials.get(number)?.state ?? this.options.stateOf?.(number) ?? "";
  }

  #choices() {
    const names = metricOrder(this.store.metrics(), this.options.objective);
    const key = names.join(" ");
    if (!names.length || key === this.#names) return;
    const chosen = names.includes(this.select.value) ? this.select.value : names[0];
    this.#names = key;
    const option = (/** @type {string} */ name) => new Option(name, name, false, name === chosen);
    const group = (/** @type {string} */ label, /** @type {string[]} */ members) => {
      const element = document.createElement("optgroup");
      element.label = label;
      element.append(...members.map(option));
      return members.length ? [element] : [];
    };
    const evaluated = names.filter((name) => name.startsWith("eval_"));
    const logged = names.filter((name) => !name.startsWith("eval_"));
    this.select.replaceChildren(...group("Evaluation", evaluated), ...group("Training", logged));
  }

  /** @param {[number, number]} place */
  #nearest([x, y]) {
    let nearest = null;
    let least = REACH;
    if (!this.#lines.length) return null;
    const { logX, logY } = this.#drawing();
    const project = this.canvas.projection(logX, logY);
    for (const { number, points, steps } of this.#lines) {
      for (let i = 0; i < points.length; i += 1) {
        const [px, py] = points[i];
        const [left, top] = project(px, py);
        const distance = Math.hypot(left - x, top - y);
        if (distance < least) {
          least = distance;
          nearest = { number, step: steps[i], x: px, y: py, place: /** @type {[number, number]} */ ([left, top]) };
        }
      }
    }
    return nearest;
  }

  /** @param {[number, number]|null} place */
  #hover(place) {
    const near = place && this.#nearest(place);
    this.highlight(near ? near.number : null);
    this.options.selection?.hover(near ? near.number : null);
    if (!near) {
      this.canvas.hideTip();
      return;
    }
    const state = this.#state(near.number);
    this.canvas.showTip(near.place, [
      [`Trial ${near.number}`, state === "fail" ? "failed" : state],
      [this.select.value, formatMetric(near.y)],
      [this.#by, this.#by === "time" ? formatDuration(near.x) : formatNumber(near.x)],
    ]);
  }
}
