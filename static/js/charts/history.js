// Optimisation history: the value of each trial, and the best so far.
import { formatMetric, formatNumber, toNumber } from "../format.js";
import { axis, Canvas, palette } from "./canvas.js";
import { csvText } from "./export.js";
import { bestSoFar, changesOf, marks } from "./series.js";

/** @import {Frame} from "../live/frame.js" */
/** @import {Selection} from "../live/selection.js" */
/** @import {Store} from "../live/store.js" */
/** @import {Mark} from "./series.js" */

const REACH = 28;
const PARAMS = 8;
/** More points than this are drawn small, and in one go. */
const MANY = 1000;

/**
 * @typedef {object} HistoryOptions
 * @property {Store} store knows what running trials logged last
 * @property {Selection} selection
 * @property {HTMLSelectElement} objective a choice among several; hidden where there is one
 * @property {HTMLInputElement} hidePruned
 * @property {(number: number) => void} open called with the trial that was clicked
 */

export class HistoryChart {
  /** @type {Mark[]} */
  #marks = [];
  /** @type {Frame|null} */
  #frame = null;

  /** @param {HTMLElement} box @param {HistoryOptions} options */
  constructor(box, { store, selection, objective, hidePruned, open }) {
    this.canvas = new Canvas(box);
    this.store = store;
    this.selection = selection;
    this.objective = objective;
    this.hidePruned = hidePruned;
    this.canvas.listen(
      (place) => this.#hover(place),
      (place) => {
        const mark = this.#nearest(place);
        if (mark) open(mark.number);
      },
    );
    objective.addEventListener("change", () => this.draw());
    hidePruned.addEventListener("change", () => this.draw());
    selection.addEventListener("hover", () => this.#ring());
    selection.addEventListener("choose", () => this.draw());
  }

  /** @param {Frame} frame */
  update(frame) {
    this.#frame = frame;
    const key = frame.objectives.map(({ name }) => name).join("\n");
    if (this.objective.dataset.names !== key) {
      this.objective.dataset.names = key;
      this.objective.replaceChildren(...frame.objectives.map(({ name }, place) => new Option(name, String(place))));
      this.objective.hidden = frame.objectives.length < 2;
    }
    this.draw();
  }

  draw() {
    const frame = this.#frame;
    if (!frame) return;
    const place = Number(this.objective.value) || 0;
    const { name, direction } = frame.objectives[place] ?? { name: "", direction: "minimize" };
    const found = marks(frame, place, (number) => toNumber(this.store.latest(number, name)?.value));
    this.#marks = this.hidePruned.checked ? found.filter(({ state }) => state !== "pruned") : found;
    const colors = palette();
    const line = changesOf(bestSoFar(this.#marks, direction));
    const last = this.#marks.at(-1)?.number ?? 0;
    // The line goes on to the newest trial: the best is still the best there.
    if (line.length && last > line[line.length - 1][0]) line.push([last, line[line.length - 1][1]]);
    const many = this.#marks.length > MANY;
    const scatter = (/** @type {Mark[]} */ some, /** @type {string} */ symbol, /** @type {object} */ itemStyle) => ({
      type: "scatter",
      symbol,
      symbolSize: many ? 3.5 : this.#marks.length > 300 ? 5 : 8,
      large: many && symbol === "circle",
      progressive: 0,
      itemStyle,
      silent: true,
      data: some.map((mark) => [mark.number, mark.value]),
    });
    const shown = this.#marks.filter((mark) => this.selection.shows(mark.number));
    const others = shown.length === this.#marks.length ? [] : this.#marks.filter((mark) => !this.selection.shows(mark.number));
    const of = (/** @type {string} */ state) => shown.filter((mark) => mark.state === state);
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
          name,
          nameTextStyle: { color: colors.quiet, fontSize: 11, align: "left" },
          axisLabel: { color: colors.quiet, fontSize: 11, formatter: formatNumber },
        },
        series: [
          scatter(others, "circle", { color: colors.muted, opacity: 0.25 }),
          scatter(of("complete"), "circle", { color: colors.complete, opacity: many ? 0.6 : 1 }),
          scatter(of("pruned"), "diamond", { color: colors.surface, borderColor: colors.pruned, borderWidth: many ? 1 : 1.5 }),
          scatter(of("running"), "circle", { color: colors.surface, borderColor: colors.running, borderWidth: 2 }),
          { type: "line", step: "end", showSymbol: false, silent: true, z: 3, lineStyle: { color: colors.best, width: 2 }, data: line },
        ],
      },
      this.#marks.length > 0,
    );
    this.#ring();
  }

  png() {
    return this.canvas.png();
  }

  svg() {
    return this.canvas.svg();
  }

  /** Number, state and value of every trial that is drawn, and the best so far. */
  csv() {
    const { name, direction } = this.#frame?.objectives[Number(this.objective.value) || 0] ?? { name: "value", direction: "minimize" };
    const best = new Map(bestSoFar(this.#marks, direction));
    return csvText(
      ["number", "state", name, "best_so_far"],
      this.#marks.map((mark) => [mark.number, mark.state, mark.value, best.get(mark.number)]),
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

  /** Around the trial that is pointed at, here or elsewhere. */
  #ring() {
    const mark = this.selection.hovered === null ? undefined : this.#marks.find(({ number }) => number === this.selection.hovered);
    this.canvas.mark(mark ? this.canvas.projection()(mark.number, mark.value) : null);
  }

  /** @param {[number, number]|null} place */
  #hover(place) {
    const mark = place && this.#nearest(place);
    this.selection.hover(mark ? mark.number : null);
    const frame = this.#frame;
    if (!mark || !frame) {
      this.canvas.hideTip();
      return;
    }
    const i = frame.indexOf(mark.number);
    const params = frame.columns().filter((column) => column.id.startsWith("param:") && column.values[i] !== null);
    const { name } = frame.objectives[Number(this.objective.value) || 0] ?? { name: "" };
    this.canvas.showTip(this.canvas.projection()(mark.number, mark.value), [
      [`Trial ${mark.number}`, mark.state],
      [name, formatMetric(mark.value)],
      ...params.slice(0, PARAMS).map((column) => /** @type {[string, string]} */ ([column.label, frame.words(column, i)])),
    ]);
  }
}
