// Points over two axes, in one panel or several: what most charts of the section "Analysis" are made of. ECharts paints;
// places are 0 to 1 in a panel that lies where this says, so the pointer is answered without asking the library.
// Hovering, choosing by a box and opening a trial are the same in all of them.
import { formatMetric } from "../format.js";
import { axis, init, palette } from "./canvas.js";
import { gradeColors } from "./colors.js";
import { pngOf } from "./export.js";
import { graded } from "./grades.js";
import { Tip } from "./tip.js";

/** @import {Frame} from "../live/frame.js" */
/** @import {Mounting} from "./mounting.js" */
/** @import {Tick} from "./scale.js" */

/**
 * @typedef {object} Side an axis of a panel
 * @property {string} name
 * @property {Tick[]} ticks
 *
 * @typedef {object} Panel
 * @property {number} left of the plotted area, in pixels, as the three below
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {Side} x
 * @property {Side} y
 * @property {ArrayLike<number>} xs of every trial, 0 to 1; NaN: it is not in this panel
 * @property {ArrayLike<number>} ys
 * @property {object[]} [series] further series of ECharts, below the points
 * @property {[string, (place: number) => string][]} [says] further lines of the tip
 * @property {boolean} [quiet] points are not painted, they only answer the pointer
 *
 * @typedef {object} Composed
 * @property {number} height of the whole chart
 * @property {Panel[]} panels
 */

const REACH = 16;
/** A box smaller than this, in pixels, is a click. */
const CLICK = 4;
/** From so many points on, ECharts paints a series at one go. */
const LARGE = 400;

export class Plot {
  /** @type {Panel[]} */
  #panels = [];
  /** @type {HTMLElement[]} */
  #rings = [];
  #waiting = false;

  /** @param {HTMLElement} host @param {Mounting} mounting @param {string} label what the chart shows, for who does not see it */
  constructor(host, { frame, selection, sweepUrl }, label) {
    this.frame = frame;
    this.selection = selection;
    this.sweepUrl = sweepUrl;
    this.objective = 0;
    this.box = document.createElement("div");
    this.box.className = "plot";
    this.element = document.createElement("div");
    this.element.className = "plot-canvas";
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", label);
    this.area = document.createElement("div");
    this.area.className = "plot-box";
    this.area.hidden = true;
    this.box.append(this.element, this.area);
    host.append(this.box);
    this.tip = new Tip(this.box);
    this.chart = init(this.element, null, { renderer: "canvas" });
    this.observer = new ResizeObserver(() => this.box.clientWidth !== this.width && this.draw());
    this.observer.observe(this.box);
    this.gone = new AbortController();
    const { signal } = this.gone;
    addEventListener("beforeprint", () => this.chart.getZr().flush(), { signal });
    selection.addEventListener("hover", () => this.#ring(), { signal });
    selection.addEventListener("choose", () => this.#soon(), { signal });
    this.box.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    this.box.addEventListener("pointerleave", () => this.#leave(), { signal });
    this.box.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    this.box.addEventListener("dblclick", () => selection.choose(null), { signal });
  }

  /** What is to be drawn now. @param {number} _width in pixels @returns {Composed} */
  compose(_width) {
    return { height: 0, panels: [] };
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    this.draw();
  }

  /** @param {number} place */
  setObjective(place) {
    this.objective = place;
    this.draw();
  }

  destroy() {
    this.gone.abort();
    this.observer.disconnect();
    this.chart.dispose();
    this.box.remove();
  }

  /** The values of the chosen objective, and its name and direction. */
  aim() {
    const { name, direction } = this.frame.objectives[this.objective] ?? { name: "value", direction: "minimize" };
    return { name, direction, values: this.frame.column(`value:${this.objective}`).values };
  }

  /** Colours of the points: by default from the worst to the best. @returns {{group: ArrayLike<number>, colors: string[]}} */
  painted() {
    const { values, direction } = this.aim();
    return { group: graded(values, direction).grade, colors: gradeColors() };
  }

  draw() {
    this.width = this.box.clientWidth;
    if (!this.width) return;
    this.colors = palette();
    const { height, panels } = this.compose(this.width);
    this.height = height;
    this.#panels = panels;
    this.element.style.height = `${height}px`;
    this.chart.resize({ width: this.width, height });
    this.option = this.#option(panels);
    this.chart.setOption(this.option, { notMerge: true });
    this.#ring();
  }

  #soon() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.draw();
    });
  }

  /** @param {Panel[]} panels */
  #option(panels) {
    const colors = this.colors ?? palette();
    const { group, colors: paints } = this.painted();
    const points = this.frame.size > 2000 ? 3 : this.frame.size > 300 ? 5 : 8;
    return {
      animation: false,
      grid: panels.map(({ left, top, width, height }) => ({ left, top, width, height })),
      xAxis: panels.map(({ x }, gridIndex) => ({ ...side(colors, x), gridIndex, nameGap: 26 })),
      yAxis: panels.map(({ y }, gridIndex) => ({
        ...side(colors, y),
        gridIndex,
        nameLocation: "end",
        nameTextStyle: { color: colors.text, fontSize: 11, align: "left", padding: [0, 0, 0, -40] },
      })),
      series: panels.flatMap((panel, place) => {
        const at = { xAxisIndex: place, yAxisIndex: place };
        const more = [rules(panel, colors), ...(panel.series ?? [])].map((series) => ({ silent: true, ...series, ...at }));
        if (panel.quiet) return more;
        return [...more, ...this.#points(panel, group, paints, points).map((series) => ({ ...series, ...at }))];
      }),
    };
  }

  /** One series per colour, what is best last and so on top. @param {Panel} panel @param {ArrayLike<number>} group @param {string[]} paints @param {number} size */
  #points({ xs, ys }, group, paints, size) {
    const muted = this.colors?.muted ?? "grey";
    /** @type {number[][][]} */
    const data = Array.from({ length: paints.length + 1 }, () => []);
    const { numbers } = this.frame;
    for (let i = 0; i < numbers.length; i += 1) {
      if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
      data[this.selection.shows(numbers[i]) ? group[i] + 1 : 0].push([xs[i], ys[i]]);
    }
    return data.map((points, place) => ({
      type: "scatter",
      silent: true,
      z: 3 + place / 100,
      symbolSize: size,
      large: points.length > LARGE,
      largeThreshold: LARGE,
      itemStyle: { color: place ? paints[place - 1] : muted, opacity: place ? 0.85 : 0.35 },
      data: points,
    }));
  }

  /** @param {Panel} panel @param {number} i @returns {[number, number]} */
  #pixel({ left, top, width, height, xs, ys }, i) {
    return [left + xs[i] * width, top + (1 - ys[i]) * height];
  }

  /** @param {[number, number]} pointer */
  #panelAt([x, y]) {
    return this.#panels.find(
      ({ left, top, width, height }) => x >= left - REACH && x <= left + width + REACH && y >= top - REACH && y <= top + height + REACH,
    );
  }

  /** @param {[number, number]} pointer */
  #nearest(pointer) {
    const panel = this.#panelAt(pointer);
    if (!panel) return null;
    let nearest = -1;
    let least = REACH;
    for (let i = 0; i < this.frame.size; i += 1) {
      const [x, y] = this.#pixel(panel, i);
      const distance = Math.hypot(x - pointer[0], y - pointer[1]);
      // What is not chosen answers only where nothing chosen does.
      const weighed = this.selection.shows(this.frame.numbers[i]) ? distance : distance + REACH / 2;
      if (weighed < least) {
        least = weighed;
        nearest = i;
      }
    }
    return nearest < 0 ? null : { panel, place: nearest };
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #at(event) {
    const box = this.box.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.buttons) return;
    const near = this.#nearest(this.#at(event));
    this.box.classList.toggle("is-near", near !== null);
    this.selection.hover(near ? this.frame.numbers[near.place] : null);
    if (!near) {
      this.tip.hide();
      return;
    }
    const { panel, place } = near;
    const values = this.frame.objectives.map(({ name }, o) => [name, formatMetric(this.frame.column(`value:${o}`).values[place])]);
    this.tip.show(this.#pixel(panel, place), [
      [this.frame.title(place), this.frame.state(place)],
      .../** @type {[string, string][]} */ (values),
      ...(panel.says ?? []).map(([name, words]) => /** @type {[string, string]} */ ([name, words(place)])),
    ]);
  }

  #leave() {
    this.tip.hide();
    this.selection.hover(null);
  }

  /** A ring around the hovered trial, in every panel. */
  #ring() {
    const place = this.selection.hovered === null ? -1 : this.frame.indexOf(this.selection.hovered);
    const shown = place < 0 ? [] : this.#panels.filter(({ xs, ys }) => !Number.isNaN(xs[place]) && !Number.isNaN(ys[place]));
    while (this.#rings.length < shown.length) {
      const ring = document.createElement("div");
      ring.className = "plot-ring";
      this.box.append(ring);
      this.#rings.push(ring);
    }
    for (const [i, ring] of this.#rings.entries()) {
      ring.hidden = i >= shown.length;
      if (ring.hidden) continue;
      const [x, y] = this.#pixel(shown[i], place);
      ring.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  /** Drag a box to choose what is in it; a click opens a trial. @param {PointerEvent} event */
  #down(event) {
    const start = this.#at(event);
    const panel = this.#panelAt(start);
    if (event.button !== 0 || !panel) return;
    if (event.pointerType === "mouse") event.preventDefault();
    const gone = new AbortController();
    const { signal } = gone;
    let end = start;
    const small = () => Math.hypot(end[0] - start[0], end[1] - start[1]) < CLICK;
    const stop = () => {
      gone.abort();
      this.area.hidden = true;
    };
    addEventListener(
      "pointermove",
      (next) => {
        end = this.#at(next);
        this.tip.hide();
        this.#showArea(start, end);
        this.area.hidden = small();
      },
      { signal },
    );
    addEventListener("pointercancel", stop, { signal });
    addEventListener(
      "pointerup",
      () => {
        stop();
        if (!small()) this.selection.choose(this.#within(panel, start, end));
        else {
          const near = this.#nearest(start);
          if (near) location.assign(this.frame.address(near.place, this.sweepUrl));
        }
      },
      { signal },
    );
  }

  /** @param {[number, number]} start @param {[number, number]} end */
  #showArea(start, end) {
    const { style } = this.area;
    style.transform = `translate(${Math.min(start[0], end[0])}px, ${Math.min(start[1], end[1])}px)`;
    style.width = `${Math.abs(end[0] - start[0])}px`;
    style.height = `${Math.abs(end[1] - start[1])}px`;
  }

  /** @param {Panel} panel @param {[number, number]} start @param {[number, number]} end */
  #within(panel, start, end) {
    const inside = (/** @type {number} */ value, /** @type {0|1} */ o) =>
      value >= Math.min(start[o], end[o]) && value <= Math.max(start[o], end[o]);
    return this.frame.numbers.filter((_, i) => {
      const [x, y] = this.#pixel(panel, i);
      return inside(x, 0) && inside(y, 1);
    });
  }

  async png() {
    return pngOf(this.chart.renderToCanvas({ pixelRatio: 2, backgroundColor: this.colors?.surface }));
  }

  svg() {
    const drawing = init(/** @type {any} */ (null), null, { renderer: "svg", ssr: true, width: this.width, height: this.height });
    drawing.setOption({ ...this.option, backgroundColor: this.colors?.surface });
    const text = drawing.renderToSVGString();
    drawing.dispose();
    return text;
  }

  /** Columns of the frame as rows of those trials that are shown, for CSV. @param {string[]} ids */
  rows(ids) {
    const columns = ids.map((id) => this.frame.column(id));
    const places = [...this.frame.numbers.keys()].filter((i) => this.selection.shows(this.frame.numbers[i]));
    return {
      head: ["trial", "state", ...columns.map(({ label }) => label)],
      rows: places.map((i) => [
        this.frame.name(i),
        this.frame.state(i),
        ...columns.map(({ choices, values }) => (choices ? (choices[values[i] ?? -1] ?? null) : values[i])),
      ]),
    };
  }
}

/** @param {ReturnType<typeof palette>} colors @param {Side} side */
function side(colors, { name, ticks }) {
  const values = ticks.map(({ at }) => at);
  const labels = new Map(ticks.map(({ at, label }) => [at, label]));
  return {
    ...axis(colors),
    min: 0,
    max: 1,
    name,
    nameLocation: "middle",
    nameTextStyle: { color: colors.text, fontSize: 11 },
    axisLine: { show: true, lineStyle: { color: colors.grid } },
    splitLine: { show: false },
    axisLabel: {
      color: colors.quiet,
      fontSize: 11,
      hideOverlap: true,
      customValues: values,
      formatter: (/** @type {number} */ at) => labels.get(at) ?? "",
    },
  };
}

/** The lines of a panel's ticks. @param {Panel} panel @param {ReturnType<typeof palette>} colors */
function rules({ x, y }, colors) {
  const gap = [null, null];
  const data = [...y.ticks.flatMap(({ at }) => [[0, at], [1, at], gap]), ...x.ticks.flatMap(({ at }) => [[at, 0], [at, 1], gap])];
  return { type: "line", z: 0, showSymbol: false, lineStyle: { color: colors.grid, width: 1, opacity: 0.6 }, data };
}
