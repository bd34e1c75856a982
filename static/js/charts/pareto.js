// The Pareto front: objectives against each other, those trials marked that no other beats in every objective, and how
// the volume that they cover grew.
import { formatMetric } from "../format.js";
import { AnalysisSource } from "./analysis-source.js";
import { csvText } from "./export.js";
import { paretoFront, withinLimits } from "./grades.js";
import { laidOut } from "./layout.js";
import { Plot } from "./plot.js";
import { Scale } from "./scale.js";

/** @import {Analysis} from "./analysis-source.js" */
/** @import {Mounted, Mounting} from "./mounting.js" */
/** @import {Composed, Panel} from "./plot.js" */

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Pareto(host, mounting);
  chart.draw();
  return chart;
}

class Pareto extends Plot {
  /** @type {Analysis|null} */
  #analysis = null;

  /** @param {HTMLElement} host @param {Mounting} mounting */
  constructor(host, mounting) {
    super(host, mounting, "Trials by their objectives, and the hypervolume of the best");
    /** A limit of each objective, NaN for none. @type {number[]} */
    this.limits = this.frame.objectives.map(() => Number.NaN);
    for (const [place, { name, direction }] of this.frame.objectives.entries()) this.#limit(mounting.tools, place, name, direction);
    this.kept = document.createElement("p");
    this.kept.className = "analysis-said quiet";
    this.kept.setAttribute("role", "status");
    host.append(this.kept);
    this.said = document.createElement("p");
    this.said.className = "analysis-said quiet";
    host.append(this.said);
    this.source = new AnalysisSource(mounting.apiUrl, (analysis) => {
      this.#analysis = analysis ?? this.#analysis;
      this.draw();
    });
  }

  /** @override @param {import("../live/frame.js").Frame} frame */
  update(frame) {
    this.source.changed();
    super.update(frame);
  }

  /** @override */
  destroy() {
    this.source.stop();
    super.destroy();
  }

  /** A field for the limit of an objective. @param {HTMLElement} tools @param {number} place @param {string} name @param {string} direction */
  #limit(tools, place, name, direction) {
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "number";
    field.step = "any";
    field.className = "form-control analysis-limit";
    field.addEventListener("input", () => {
      this.limits[place] = field.value === "" ? Number.NaN : field.valueAsNumber;
      this.draw();
    });
    label.append(`${name} ${direction === "maximize" ? "at least" : "at most"}`, field);
    tools.append(label);
  }

  #columns() {
    return this.frame.objectives.map((_, place) => this.frame.column(`value:${place}`).values);
  }

  #front() {
    return paretoFront(
      this.#columns(),
      this.frame.objectives.map(({ direction }) => direction),
    );
  }

  /** @override */
  painted() {
    const front = this.#front();
    const within = this.#within();
    const group = this.frame.numbers.map((_, i) => (within[i] ? (front.has(i) ? 2 : 1) : 0));
    const { muted = "silver", quiet = "grey", best = "black" } = this.colors ?? {};
    return { group, colors: [muted, quiet, best] };
  }

  /** Which trials keep every limit. */
  #within() {
    const directions = this.frame.objectives.map(({ direction }) => direction);
    return withinLimits(this.#columns(), directions, this.limits);
  }

  /** @override @param {number} width @returns {Composed} */
  compose(width) {
    const columns = this.#columns();
    const scales = columns.map((values) => new Scale({ kind: "number", log: false, choices: null, values }));
    const places = scales.map((scale, o) => scale.places(columns[o]));
    const pairs = columns.flatMap((_, one) => columns.flatMap((_, other) => (one < other ? [[one, other]] : [])));
    const { height, at } = laidOut(width, pairs.length + 1, { least: 380, height: 400 });
    const front = [...this.#front()];
    const side = (/** @type {number} */ o, /** @type {number} */ count) => {
      const { name, direction } = this.frame.objectives[o];
      return { name: `${name}, ${direction === "maximize" ? "more" : "less"} is better`, ticks: scales[o].ticks(count) };
    };
    /** @type {Panel[]} */
    const panels = pairs.map(([one, other], place) => ({
      ...at[place],
      x: side(one, at[place].width / 80),
      y: side(other, 5),
      xs: places[one],
      ys: places[other],
      series: [
        ...(pairs.length === 1 ? [this.#steps(front, places)] : []),
        ...this.#limitLine(scales[one].at(this.limits[one]), true),
        ...this.#limitLine(scales[other].at(this.limits[other]), false),
      ],
    }));
    this.#sayKept(columns);
    return { height, panels: [...panels, this.#volume(at[pairs.length])] };
  }

  /** A limit across a panel; none where it lies beyond what is drawn. @param {number} at @param {boolean} upright */
  #limitLine(at, upright) {
    if (!(at >= 0 && at <= 1)) return [];
    const lineStyle = { color: this.colors?.fail, width: 1.5, type: "dashed" };
    const data = upright
      ? [
          [at, 0],
          [at, 1],
        ]
      : [
          [0, at],
          [1, at],
        ];
    return [{ type: "line", z: 2, showSymbol: false, lineStyle, data }];
  }

  /** How many trials keep the limits. @param {ArrayLike<number|null>[]} columns */
  #sayKept(columns) {
    const limited = this.limits.some((limit) => !Number.isNaN(limit));
    this.kept.hidden = !limited;
    if (!limited) return;
    const whole = this.frame.numbers.filter((_, i) => columns.every((values) => values[i] !== null)).length;
    const within = this.#within();
    const kept = within.filter(Boolean).length;
    const front = [...this.#front()].filter((i) => within[i]).length;
    this.kept.textContent = `${kept} of ${whole} trials keep the limits, ${front} of them on the front.`;
  }

  /** The front of two objectives as stairs: what lies behind them is beaten. @param {number[]} front @param {Float64Array[]} places */
  #steps(front, [xs, ys]) {
    const data = front.map((i) => [xs[i], ys[i]]).sort((a, b) => a[0] - b[0]);
    // From a trial on, the other objective is as good until the next one; seen from the left that depends on the direction.
    const step = this.frame.objectives[0].direction === "minimize" ? "end" : "start";
    return { type: "line", step, z: 2, showSymbol: false, lineStyle: { color: this.colors?.best, width: 1.5 }, data };
  }

  /** @param {{left: number, top: number, width: number, height: number}} at @returns {Panel} */
  #volume(at) {
    const found = this.#analysis?.result?.hypervolume;
    const last = this.frame.numbers.at(-1) ?? 0;
    const x = new Scale({ kind: "number", log: false, choices: null, values: [0, Math.max(last, 1)] });
    const y = new Scale({ kind: "number", log: false, choices: null, values: [0, ...(found?.values ?? [])] });
    const xs = new Float64Array(this.frame.size).fill(Number.NaN);
    const ys = xs.slice();
    const data = [];
    for (const [place, number] of (found?.numbers ?? []).entries()) {
      const value = found?.values[place] ?? 0;
      data.push([x.at(number), y.at(value)]);
      const i = this.frame.indexOf(number);
      if (i >= 0) [xs[i], ys[i]] = [x.at(number), y.at(value)];
    }
    if (data.length) data.push([1, data[data.length - 1][1]]);
    const needed = this.#analysis?.needed ?? 10;
    this.said.textContent = found
      ? `Hypervolume: what the front covers, from the worst values so far (${found.reference.map((value) => formatMetric(value)).join(", ")}). It rests on ${this.#analysis?.rests_on} trials.`
      : (this.#analysis?.finished ?? 0) < needed
        ? `The hypervolume appears once ${needed} trials are complete.`
        : this.#analysis?.problem || "The server computes the hypervolume; it appears here by itself.";
    return {
      ...at,
      x: { name: "trial", ticks: x.ticks(at.width / 80) },
      y: { name: "hypervolume", ticks: found ? y.ticks(5) : [] },
      xs,
      ys,
      series: [{ type: "line", step: "end", z: 2, showSymbol: false, lineStyle: { color: this.colors?.best, width: 2 }, data }],
    };
  }

  csv() {
    const front = this.#front();
    const columns = this.#columns();
    const places = [...this.frame.numbers.keys()].filter((i) => columns.every((values) => values[i] !== null));
    return csvText(
      ["trial", ...this.frame.objectives.map(({ name }) => name), "on the front"],
      places.map((i) => [this.frame.numbers[i], ...columns.map((values) => values[i]), front.has(i)]),
    );
  }
}
