// Timeline: when each place of a runner tried which trial, with the idle gaps.
import { formatDuration } from "../format.js";
import { palette } from "./canvas.js";
import { csvText, pngOf } from "./export.js";
import { CanvasPen, SvgPen } from "./pen.js";
import { steps } from "./scale.js";
import { rowsOf } from "./timeline-rows.js";
import { Tip } from "./tip.js";

/** @import {Frame} from "../live/frame.js" */
/** @import {Mounted, Mounting} from "./mounting.js" */
/** @import {Attempts, Row} from "./timeline-rows.js" */

const ROW = 34;
const BAR = 20;
const LEFT = 150;
const RIGHT = 24;
const BOTTOM = 34;
/** New trials are asked about no more often than this, in ms. */
const REST = 3000;
const WIDEST = 12_000;
/** A canvas of no height cannot be saved. */
const LEAST = 80;

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  return new Timeline(host, mounting);
}

class Timeline {
  /** @type {Attempts|null} */
  #attempts = null;
  /** @type {Row[]} */
  #rows = [];
  #zoom = 1;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #gone = new AbortController();

  /** @param {HTMLElement} host @param {Mounting} mounting */
  constructor(host, { frame, selection, sweepUrl, apiUrl, tools }) {
    this.host = host;
    this.frame = frame;
    this.selection = selection;
    this.sweepUrl = sweepUrl;
    this.url = `${apiUrl}attempts/`;
    this.scroll = document.createElement("div");
    this.scroll.className = "timeline-scroll";
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute("role", "group");
    this.scroll.setAttribute("aria-label", "Timeline of attempts");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "When each runner tried which trial");
    this.scroll.append(this.canvas);
    host.append(this.scroll);
    this.tip = new Tip(host);
    tools.append(this.#zoomer("Closer", 2), this.#zoomer("Whole", 0));
    const { signal } = this.#gone;
    selection.addEventListener("hover", () => this.draw(), { signal });
    selection.addEventListener("choose", () => this.draw(), { signal });
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    this.canvas.addEventListener("pointerleave", () => this.#leave(), { signal });
    this.canvas.addEventListener("click", (event) => this.#click(event), { signal });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
    this.#ask();
  }

  /** @param {string} word @param {number} by how much closer; 0: the whole */
  #zoomer(word, by) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = word;
    button.addEventListener("click", () => {
      const middle = (this.scroll.scrollLeft + this.scroll.clientWidth / 2) / Math.max(this.scroll.scrollWidth, 1);
      this.#zoom = by ? this.#zoom * by : 1;
      this.draw();
      this.scroll.scrollLeft = middle * this.scroll.scrollWidth - this.scroll.clientWidth / 2;
    });
    return button;
  }

  async #ask() {
    this.#asked = performance.now();
    try {
      const answer = await fetch(this.url, { headers: { Accept: "application/json" }, signal: this.#gone.signal });
      if (!answer.ok) return;
      this.#attempts = /** @type {Attempts} */ (await answer.json());
    } catch {
      return;
    }
    this.#rows = rowsOf(this.#attempts);
    this.draw();
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, this.#asked + REST - performance.now()));
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#gone.abort();
    this.observer.disconnect();
    this.scroll.remove();
  }

  draw() {
    if (!this.host.clientWidth || !this.#attempts) return;
    this.colors = palette();
    const room = this.scroll.clientWidth;
    this.width = Math.min(Math.max(room * this.#zoom, room), WIDEST);
    this.height = Math.max(this.#rows.length * ROW + BOTTOM, LEAST);
    this.canvas.width = Math.round(this.width * devicePixelRatio);
    this.canvas.height = Math.round(this.height * devicePixelRatio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.scale(devicePixelRatio, devicePixelRatio);
    this.#everything(new CanvasPen(context));
  }

  /** Seconds from the first to the last thing shown. @returns {[number, number]} */
  #span() {
    const ends = this.#rows.flatMap(({ bars }) => bars.map(({ end }) => end));
    const starts = this.#rows.flatMap(({ held, bars }) => [...held.map(([start]) => start), ...bars.slice(0, 1).map(({ start }) => start)]);
    const first = starts.reduce((least, start) => Math.min(least, start), Infinity);
    const last = ends.reduce((most, end) => Math.max(most, end), first + 1);
    return Number.isFinite(first) ? [first, last] : [0, 1];
  }

  /** From seconds to pixels. */
  #projection() {
    const [first, last] = this.#span();
    const perSecond = ((this.width ?? 0) - LEFT - RIGHT) / Math.max(last - first, 1e-9);
    return { x: (/** @type {number} */ second) => LEFT + (second - first) * perSecond, first, last };
  }

  /** @param {CanvasPen|SvgPen} pen */
  #everything(pen) {
    const colors = this.colors ?? palette();
    const attempts = this.#attempts;
    if (!attempts) return;
    const { x, first, last } = this.#projection();
    const bottom = this.#rows.length * ROW;
    for (const tick of steps(first, last, Math.max(2, (this.width ?? 0) / 140))) {
      pen.line([x(tick), 0, x(tick), bottom + 4], colors.grid, 1);
      pen.text(formatDuration(tick), x(tick), bottom + 16, colors.quiet, "center");
    }
    const paint = /** @type {Record<string, string>} */ ({ ...colors, lost: colors.fail });
    for (const [place, row] of this.#rows.entries()) {
      const top = place * ROW + (ROW - BAR) / 2;
      pen.text(shortened(row.label), 8, place * ROW + ROW / 2 - 6, colors.text, "left", 12);
      pen.text(`idle ${(100 * row.idle).toFixed(row.idle < 0.1 ? 1 : 0)} %`, 8, place * ROW + ROW / 2 + 8, colors.quiet, "left", 10);
      for (const [start, end] of row.held) {
        const to = Math.min(end, last);
        if (to > start) pen.box(x(start), top + BAR / 2 - 1, x(to) - x(start), 2, colors.muted);
      }
      for (const { at, start, end } of row.bars) {
        const state = attempts.state[at];
        const shown = this.selection.shows(attempts.number[at]);
        const width = Math.max(x(end) - x(start), 1);
        // A line of the ground between two bars that touch.
        pen.box(
          x(start),
          top,
          width > 3 ? width - 1 : width,
          BAR,
          paint[state] ?? colors.quiet,
          shown ? (state === "lost" ? 0.55 : 1) : 0.2,
        );
        if (attempts.number[at] === this.selection.hovered) {
          const box = [
            x(start),
            top - 2,
            x(start) + width,
            top - 2,
            x(start) + width,
            top + BAR + 2,
            x(start),
            top + BAR + 2,
            x(start),
            top - 2,
          ];
          pen.line(box, colors.text, 2);
        }
      }
    }
  }

  /** The attempt under the pointer, its place in the columns. @param {MouseEvent} event */
  #under(event) {
    const box = this.canvas.getBoundingClientRect();
    const row = this.#rows[Math.floor((event.clientY - box.top) / ROW)];
    if (!row) return null;
    const { x } = this.#projection();
    const at = event.clientX - box.left;
    // From the last: what began later lies on top.
    return row.bars.findLast(({ start, end }) => at >= x(start) - 1 && at <= Math.max(x(end), x(start) + 1))?.at ?? null;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const at = this.#under(event);
    const attempts = this.#attempts;
    this.canvas.classList.toggle("is-near", at !== null);
    if (at === null || !attempts) {
      this.#leave();
      return;
    }
    this.selection.hover(attempts.number[at]);
    const box = this.host.getBoundingClientRect();
    const end = attempts.end[at];
    this.tip.show(
      [event.clientX - box.left, event.clientY - box.top],
      [
        [`Trial ${attempts.number[at]}`, attempts.state[at] === "fail" ? "failed" : attempts.state[at]],
        ["attempt", String(attempts.attempt[at])],
        ["from", formatDuration(attempts.start[at])],
        [end === null ? "for, until now" : "for", formatDuration((end ?? attempts.now) - attempts.start[at])],
        ["on", attempts.jobs[attempts.job[at]].runner],
      ],
    );
  }

  #leave() {
    this.tip.hide();
    this.selection.hover(null);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const at = this.#under(event);
    if (at !== null) location.assign(`${this.sweepUrl}trials/${this.#attempts?.number[at]}/`);
  }

  async png() {
    const canvas = document.createElement("canvas");
    const [width, height] = [this.width ?? 1, this.height ?? 1];
    const by = width > WIDEST / 2 ? 1 : 2;
    canvas.width = width * by;
    canvas.height = height * by;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(by, by);
    const pen = new CanvasPen(context);
    pen.box(0, 0, width, height, this.colors?.surface ?? "white");
    this.#everything(pen);
    return pngOf(canvas);
  }

  svg() {
    const pen = new SvgPen();
    pen.box(0, 0, this.width ?? 1, this.height ?? 1, this.colors?.surface ?? "white");
    this.#everything(pen);
    return pen.whole(this.width ?? 1, this.height ?? 1);
  }

  csv() {
    const attempts = this.#attempts;
    return csvText(
      ["trial", "attempt", "state", "runner", "place", "start_s", "end_s"],
      (attempts?.number ?? []).map((number, i) => [
        number,
        attempts?.attempt[i],
        attempts?.state[i],
        attempts?.jobs[attempts.job[i]].runner,
        attempts?.lane[i],
        attempts?.start[i],
        attempts?.end[i],
      ]),
    );
  }
}

/** @param {string} label */
function shortened(label) {
  return label.length > 22 ? `${label.slice(0, 12)}…${label.slice(-9)}` : label;
}
