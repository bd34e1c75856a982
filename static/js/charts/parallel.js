// Parallel coordinates: a line per trial through every parameter and objective. Axes are dragged by their names and
// brushed along themselves; what is brushed is chosen in every chart of the page.
import { formatMetric } from "../format.js";

import { gradeColors, palette } from "./colors.js";
import { csvText, pngOf } from "./export.js";
import { GRADES, graded } from "./grades.js";
import { ScaleKey } from "./keys.js";
import { Axes, BELOW } from "./parallel-axes.js";
import { AxisHandles } from "./parallel-handles.js";
import { Painter } from "./parallel-paint.js";
import { CanvasPen, SvgPen } from "./pen.js";
import { Tip } from "./tip.js";

/** @import {Frame} from "../live/frame.js" */
/** @import {Mounted, Mounting} from "./mounting.js" */

const TOP = 54;
const BOTTOM = 52;
const SIDE = 46;
const HEIGHT = 420;
/** Axes stand no nearer than this, in pixels; where there is less room, the chart scrolls. */
const NEAREST = 92;
const REACH = 10;
const TIP_PARAMS = 10;
/** A brush that has not moved for so long, in ms, rests. */
const REST = 120;

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Parallel(host, mounting);
  chart.update(mounting.frame);
  return chart;
}

class Parallel {
  #axes = new Axes();
  /** Place of each trial's grade. @type {Int8Array} */
  #grade = new Int8Array(0);
  /** Pixels of every line. @type {Float32Array} */
  #points = new Float32Array(0);
  #mine = false;
  /** What is chosen; while a brush moves, ahead of the page's selection. @type {Set<number>|null} */
  #set = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #telling;
  /** What the lines below were painted for; they stay while only the brush moves. @type {Float32Array|null} */
  #belowKey = null;

  /** @param {HTMLElement} host @param {Mounting} mounting */
  constructor(host, { frame, selection, sweepUrl, tools }) {
    this.host = host;
    this.frame = frame;
    this.selection = selection;
    this.sweepUrl = sweepUrl;
    this.objective = 0;
    this.key = new ScaleKey(tools);
    host.classList.add("parallel");
    this.stage = document.createElement("div");
    this.stage.className = "parallel-stage";
    const layer = (/** @type {string} */ label) => {
      const canvas = document.createElement("canvas");
      if (label) {
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", label);
      } else canvas.setAttribute("aria-hidden", "true");
      this.stage.append(canvas);
      return canvas;
    };
    this.below = new Painter(layer(""));
    this.above = new Painter(layer("Parameters and objectives of every trial, a line each"));
    this.front = /** @type {CanvasRenderingContext2D} */ (layer("").getContext("2d"));
    this.tip = new Tip(this.stage);
    host.append(this.stage);
    this.handles = new AxisHandles(this.stage, this.#axes, {
      moved: () => this.draw(),
      brushed: () => this.#brushed(),
      turned: () => this.draw(),
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
    this.#set = selection.chosen;
    this.gone = new AbortController();
    const { signal } = this.gone;
    selection.addEventListener("hover", () => this.#front(), { signal });
    selection.addEventListener("choose", () => this.#chosen(), { signal });
    this.stage.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    this.stage.addEventListener("pointerleave", () => this.#leave(), { signal });
    this.stage.addEventListener("click", (event) => this.#click(event), { signal });
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    this.#axes.update(frame);
    this.draw();
  }

  /** Colour by another objective. @param {number} place */
  setObjective(place) {
    this.objective = place;
    this.draw();
  }

  destroy() {
    this.gone.abort();
    clearTimeout(this.#telling);
    this.observer.disconnect();
    this.below.stop();
    this.above.stop();
    this.stage.remove();
  }

  /** Everything anew. */
  draw() {
    if (!this.host.clientWidth) return;
    const { list } = this.#axes;
    const objective = this.frame.objectives[this.objective];
    const values = objective ? this.frame.column(`value:${this.objective}`).values : this.frame.numbers.map(() => null);
    const found = graded(values, objective?.direction ?? "minimize");
    this.#grade = found.grade;
    if (objective) this.key.show(objective.name, found, objective.direction);
    this.colors = palette();
    this.scale = gradeColors();
    this.width = Math.max(this.host.clientWidth, 2 * SIDE + (list.length - 1) * NEAREST);
    this.stage.style.width = `${this.width}px`;
    this.stage.style.height = `${HEIGHT}px`;
    for (const canvas of [this.below.canvas, this.above.canvas, this.front.canvas]) fit(canvas, this.width, HEIGHT);
    this.#place();
    this.handles.place(this.#xs(), { top: TOP, length: HEIGHT - TOP - BOTTOM });
    this.#belowKey = null;
    this.#lines();
    this.#front();
  }

  #xs() {
    const count = this.#axes.list.length;
    const room = (this.width ?? 0) - 2 * SIDE;
    return this.#axes.list.map((_, place) => (count > 1 ? SIDE + (room * place) / (count - 1) : SIDE + room / 2));
  }

  #place() {
    const { list } = this.#axes;
    const xs = this.#xs();
    const length = HEIGHT - TOP - BOTTOM;
    const points = new Float32Array(this.frame.size * list.length * 2);
    for (let a = 0; a < list.length; a += 1) {
      const { places } = list[a];
      for (let i = 0; i < this.frame.size; i += 1) {
        const at = Number.isNaN(places[i]) ? BELOW : places[i];
        const to = 2 * (i * list.length + a);
        points[to] = xs[a];
        points[to + 1] = TOP + (1 - at) * length;
      }
    }
    this.#points = points;
  }

  /** Lines that are one device pixel wide are by far the quickest. */
  #thin() {
    return this.frame.size > 1500 ? 1 / devicePixelRatio : 1.25;
  }

  #alpha() {
    const count = this.#set?.size ?? this.frame.size;
    return count > 4000 ? 0.35 : count > 800 ? 0.5 : count > 150 ? 0.7 : 0.9;
  }

  /** Places of the trials that are shown: those without a value, then from the worst grade to the best. @returns {number[][]} */
  #groups() {
    /** @type {number[][]} */
    const groups = Array.from({ length: GRADES + 1 }, () => []);
    const { numbers } = this.frame;
    for (let i = 0; i < numbers.length; i += 1) {
      if (this.#shows(numbers[i])) groups[this.#grade[i] + 1].push(i);
    }
    return groups;
  }

  #lines() {
    const perLine = 2 * this.#axes.list.length;
    const points = this.#points;
    const muted = this.colors?.muted ?? "grey";
    const width = this.#thin();
    // Below what is chosen lies everything, quietly; where nothing is chosen, it could not be seen.
    if (!this.#set) {
      this.below.clear();
      this.#belowKey = null;
    } else if (this.#belowKey !== points) {
      this.#belowKey = points;
      const groups = [this.frame.numbers.map((_, i) => i)];
      this.below.paint({ points, perLine, groups, colors: [muted], style: { width, alpha: 0.18 } });
    }
    const colors = [muted, ...(this.scale ?? [])];
    const begin = performance.now();
    this.above.paint({ points, perLine, groups: this.#groups(), colors, style: { width, alpha: this.#alpha() } }, () => {
      performance.measure("parallel-complete", { start: begin });
    });
  }

  /** @param {number} number */
  #shows(number) {
    return this.#set === null || this.#set.has(number);
  }

  #brushed() {
    this.#set = this.#axes.chosen();
    this.#soon();
    // Other charts redraw everything for a choice; they follow when the brush rests.
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      this.#mine = true;
      this.selection.choose(this.#set);
      this.#mine = false;
    }, REST);
  }

  #chosen() {
    if (this.#mine) return;
    // Chosen elsewhere: the brushes here say something else now.
    clearTimeout(this.#telling);
    this.#set = this.selection.chosen;
    this.#axes.brushes.clear();
    this.#soon();
  }

  #soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.#lines();
      this.#front();
    });
  }

  /** Axes, brushes, the hovered line. */
  #front() {
    const context = this.front;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.width ?? 0, HEIGHT);
    const pen = new CanvasPen(context);
    this.#drawAxes(pen);
    const place = this.selection.hovered === null ? -1 : this.frame.indexOf(this.selection.hovered);
    if (place >= 0) {
      const line = this.#lineOf(place);
      pen.line(line, this.colors?.surface ?? "white", 5);
      pen.line(line, this.colors?.text ?? "black", 2.5);
    }
  }

  /** @param {number} place */
  #lineOf(place) {
    const per = 2 * this.#axes.list.length;
    return this.#points.subarray(place * per, (place + 1) * per);
  }

  /** @param {CanvasPen|SvgPen} pen */
  #drawAxes(pen) {
    const colors = this.colors ?? palette();
    const xs = this.#xs();
    const length = HEIGHT - TOP - BOTTOM;
    for (const [place, axis] of this.#axes.list.entries()) {
      const x = xs[place];
      pen.line([x, TOP, x, TOP + length], colors.quiet, 1);
      const brush = this.#axes.brushes.get(axis.id);
      if (brush) {
        const y = TOP + (1 - brush[1]) * length;
        pen.box(x - 7, y, 14, Math.max((brush[1] - brush[0]) * length, 2), colors.best, 0.3);
        pen.line([x - 7, y, x + 7, y], colors.best, 2);
        pen.line([x - 7, TOP + (1 - brush[0]) * length, x + 7, TOP + (1 - brush[0]) * length], colors.best, 2);
      }
      const last = place === this.#axes.list.length - 1 && place > 0;
      for (const { at, label } of axis.scale.ticks(6)) {
        const y = TOP + (1 - at) * length;
        pen.line([x - 3, y, x + 3, y], colors.quiet, 1);
        label_(pen, label, last ? x + 7 : x + 7, y, colors);
      }
      if (axis.gaps) label_(pen, "none", x + 7, TOP + (1 - BELOW) * length, colors);
    }
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The trial whose line is nearest. @param {[number, number]} pointer */
  #nearest([x, y]) {
    const xs = this.#xs();
    const right = xs.findIndex((at) => at >= x);
    if (right < 1) return null;
    const share = (x - xs[right - 1]) / (xs[right] - xs[right - 1]);
    const per = 2 * xs.length;
    let nearest = null;
    let least = REACH;
    const { numbers } = this.frame;
    for (let i = 0; i < numbers.length; i += 1) {
      if (!this.#shows(numbers[i])) continue;
      const left = this.#points[i * per + 2 * right - 1];
      const height = left + (this.#points[i * per + 2 * right + 1] - left) * share;
      const distance = Math.abs(height - y);
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.buttons || this.handles.busy) return;
    const pointer = this.#at(event);
    const place = this.handles.over(pointer) ? null : this.#nearest(pointer);
    this.selection.hover(place === null ? null : this.frame.numbers[place]);
    this.stage.classList.toggle("is-near", place !== null);
    if (place === null) {
      this.tip.hide();
      return;
    }
    const { list } = this.#axes;
    const columns = list.map(({ id }) => this.frame.column(id));
    const values = columns.filter(({ id }) => id.startsWith("value:"));
    const params = columns.filter(({ id }) => id.startsWith("param:")).slice(0, TIP_PARAMS);
    this.tip.show(pointer, [
      [this.frame.title(place), this.frame.state(place)],
      ...values.map((column) => /** @type {[string, string]} */ ([column.label, formatMetric(column.values[place])])),
      ...params.map((column) => /** @type {[string, string]} */ ([column.label, this.frame.words(column, place)])),
    ]);
  }

  #leave() {
    this.tip.hide();
    this.selection.hover(null);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const pointer = this.#at(event);
    if (event.target instanceof HTMLButtonElement || this.handles.over(pointer) || this.handles.justBrushed) return;
    const place = this.#nearest(pointer);
    if (place !== null) location.assign(this.frame.address(place, this.sweepUrl));
  }

  /** @param {CanvasPen|SvgPen} pen */
  #everything(pen) {
    const colors = this.colors ?? palette();
    pen.box(0, 0, this.width ?? 0, HEIGHT, colors.surface);
    const groups = this.#groups();
    const paints = [colors.muted, ...(this.scale ?? [])];
    for (const [group, places] of groups.entries()) {
      for (const place of places) pen.line(this.#lineOf(place), paints[group], this.#thin(), this.#alpha());
    }
    this.#drawAxes(pen);
    for (const [place, x] of this.#xs().entries()) {
      pen.text(this.#axes.list[place].label, x, place % 2 ? 34 : 14, colors.text, place === 0 ? "left" : "center");
    }
  }

  async png() {
    const canvas = document.createElement("canvas");
    canvas.width = (this.width ?? 0) * 2;
    canvas.height = HEIGHT * 2;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(2, 2);
    this.#everything(new CanvasPen(context));
    return pngOf(canvas);
  }

  svg() {
    const pen = new SvgPen();
    this.#everything(pen);
    return pen.whole(this.width ?? 0, HEIGHT);
  }

  csv() {
    const columns = this.#axes.list.map(({ id }) => this.frame.column(id));
    const places = this.frame.numbers.map((_, i) => i).filter((i) => this.#shows(this.frame.numbers[i]));
    const cell = (/** @type {import("../live/frame.js").Column} */ column, /** @type {number} */ i) =>
      column.choices ? (column.choices[column.values[i] ?? -1] ?? null) : column.values[i];
    return csvText(
      ["trial", "state", ...columns.map(({ label }) => label)],
      places.map((i) => [this.frame.name(i), this.frame.state(i), ...columns.map((column) => cell(column, i))]),
    );
  }
}

/** A tick's label on a ground that keeps lines from crossing it out. @param {CanvasPen|SvgPen} pen @param {string} text @param {number} x @param {number} y @param {ReturnType<typeof palette>} colors */
function label_(pen, text, x, y, colors) {
  pen.box(x - 1, y - 7, text.length * 6.2 + 2, 14, colors.surface, 0.75);
  pen.text(text, x, y, colors.text, "left");
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function fit(canvas, width, height) {
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}
