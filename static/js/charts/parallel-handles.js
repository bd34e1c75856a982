// What is taken hold of in parallel coordinates: an axis by its name, to move it; an axis along itself, to brush it.
import { BELOW } from "./parallel-axes.js";

/** @import {Axes, Axis} from "./parallel-axes.js" */

/** Half the width of what takes a brush, and of the ends of a brush that can be drawn, in pixels. */
const GRASP = 14;
const END = 6;
/** A drag that is shorter than this, in pixels, is a click. */
const CLICK = 3;
/** What a key moves an end of a brush by, of the axis' length. */
const KEY = 0.05;

/** @typedef {{moved: () => void, brushed: () => void, turned: () => void}} Told */

export class AxisHandles {
  /** @type {Map<string, {name: HTMLButtonElement, turn: HTMLButtonElement}>} */
  #buttons = new Map();
  /** @type {number[]} */
  #xs = [];
  #top = 0;
  #length = 1;
  #order = "";

  /** @param {HTMLElement} stage @param {Axes} axes @param {Told} told */
  constructor(stage, axes, told) {
    this.stage = stage;
    this.axes = axes;
    this.told = told;
    /** Something is being dragged. */
    this.busy = false;
    this.justBrushed = false;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("dblclick", (event) => this.#clear(event));
  }

  /** Put the buttons where the axes stand. @param {number[]} xs @param {{top: number, length: number}} along */
  place(xs, { top, length }) {
    this.#xs = xs;
    this.#top = top;
    this.#length = length;
    const gap = xs.length > 1 ? xs[1] - xs[0] : 300;
    const known = new Set(this.axes.list.map(({ id }) => id));
    for (const [id, { name, turn }] of this.#buttons) {
      if (known.has(id)) continue;
      name.remove();
      turn.remove();
      this.#buttons.delete(id);
    }
    for (const [place, axis] of this.axes.list.entries()) {
      const { name, turn } = this.#buttons.get(axis.id) ?? this.#make(axis);
      // Names stand in two rows, so each has the room of two axes.
      name.style.left = `${xs[place]}px`;
      name.style.top = `${place % 2 ? 22 : 0}px`;
      name.style.maxWidth = `${Math.max(2 * gap - 12, 60)}px`;
      name.classList.toggle("is-first", place === 0 && xs.length > 1);
      name.classList.toggle("is-last", place === xs.length - 1 && xs.length > 1);
      turn.style.left = `${xs[place]}px`;
      turn.style.top = `${top + length + 30}px`;
      turn.hidden = !axis.scale.canLog;
      turn.textContent = axis.scale.log ? "log" : "linear";
      turn.setAttribute("aria-label", `${turn.textContent} axis: ${axis.label}`);
    }
    const order = this.axes.list.map(({ id }) => id).join("\n");
    if (order === this.#order) return;
    this.#order = order;
    // The order of the keyboard is the order of the eye.
    for (const { id } of this.axes.list) {
      const made = this.#buttons.get(id);
      if (made) this.stage.append(made.name, made.turn);
    }
  }

  /** Whether a place is on an axis. @param {[number, number]} pointer */
  over(pointer) {
    return this.#axisAt(pointer) !== null;
  }

  /** @param {[number, number]} pointer @returns {Axis|null} */
  #axisAt([x, y]) {
    if (y < this.#top - 8 || y > this.#top + this.#length * (1 - BELOW) + 8) return null;
    const place = this.#xs.findIndex((at) => Math.abs(at - x) <= GRASP);
    return place < 0 ? null : this.axes.list[place];
  }

  /** @param {Axis} axis */
  #make(axis) {
    const name = document.createElement("button");
    name.type = "button";
    name.className = "parallel-name";
    name.textContent = axis.label;
    name.title = `${axis.label}. Drag, or use the left and right keys, to move this axis. Drag along the axis, or use the up and down keys, to brush it; Delete takes the brush away.`;
    name.addEventListener("pointerdown", (event) => this.#drag(event, axis.id));
    name.addEventListener("keydown", (event) => this.#key(event, axis.id));
    const turn = document.createElement("button");
    turn.type = "button";
    turn.className = "parallel-turn";
    turn.addEventListener("click", () => {
      this.axes.turn(axis.id);
      this.told.turned();
    });
    const made = { name, turn };
    this.#buttons.set(axis.id, made);
    this.stage.append(name, turn);
    return made;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.justBrushed = false;
    if (event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    const pointer = this.#pointer(event);
    const axis = this.#axisAt(pointer);
    if (!axis) return;
    event.preventDefault();
    const start = this.#along(pointer[1]);
    const before = this.axes.brushes.get(axis.id) ?? null;
    const kind = before ? grip(before, start, END / this.#length) : "new";
    let moved = false;
    this.#follow(
      event,
      (at) => {
        const now = this.#along(at[1]);
        if (!moved && Math.abs(now - start) * this.#length < CLICK) return;
        moved = true;
        this.axes.brush(axis.id, before && kind !== "new" ? shifted(before, kind, now - start) : [start, now]);
        this.told.brushed();
      },
      () => {
        this.justBrushed = true;
        if (moved || !before) return;
        this.axes.brush(axis.id, null);
        this.told.brushed();
      },
    );
  }

  /** Move an axis by its name. @param {PointerEvent} event @param {string} id */
  #drag(event, id) {
    if (event.button !== 0) return;
    const name = this.#buttons.get(id)?.name;
    name?.classList.add("is-dragged");
    this.#follow(
      event,
      ([x]) => {
        const nearest = this.#xs.reduce((best, at, place) => (Math.abs(at - x) < Math.abs(this.#xs[best] - x) ? place : best), 0);
        if (this.axes.move(id, nearest)) this.told.moved();
      },
      () => name?.classList.remove("is-dragged"),
    );
  }

  /** @param {PointerEvent} event @param {(at: [number, number]) => void} move @param {() => void} end */
  #follow(event, move, end) {
    this.busy = true;
    const gone = new AbortController();
    const { signal } = gone;
    const stop = () => {
      gone.abort();
      this.busy = false;
      end();
    };
    addEventListener("pointermove", (next) => next.pointerId === event.pointerId && move(this.#pointer(next)), { signal });
    addEventListener("pointerup", stop, { signal });
    addEventListener("pointercancel", stop, { signal });
  }

  /** @param {MouseEvent} event */
  #clear(event) {
    const axis = this.#axisAt(this.#pointer(event));
    if (!axis || event.target instanceof HTMLButtonElement) return;
    this.axes.brush(axis.id, null);
    this.told.brushed();
  }

  /** @param {KeyboardEvent} event @param {string} id */
  #key(event, id) {
    const place = this.axes.list.findIndex((axis) => axis.id === id);
    const [low, high] = this.axes.brushes.get(id) ?? [BELOW, 1];
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight":
        if (this.axes.move(id, place + (event.key === "ArrowLeft" ? -1 : 1))) this.told.moved();
        this.#buttons.get(id)?.name.focus();
        break;
      case "ArrowUp":
        this.#press(id, event.shiftKey ? [low, Math.min(high + KEY, 1)] : [Math.min(low + KEY, high), high]);
        break;
      case "ArrowDown":
        this.#press(id, event.shiftKey ? [Math.max(low - KEY, BELOW), high] : [low, Math.max(high - KEY, low)]);
        break;
      case "Delete":
      case "Backspace":
        this.#press(id, null);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** @param {string} id @param {[number, number]|null} range */
  #press(id, range) {
    this.axes.brush(id, range);
    this.told.brushed();
  }

  /** @param {number} y @returns {number} the place along an axis */
  #along(y) {
    return Math.min(Math.max(1 - (y - this.#top) / this.#length, BELOW), 1);
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #pointer(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}

/** What of a brush is taken hold of. @param {[number, number]} brush @param {number} at @param {number} end */
function grip([low, high], at, end) {
  if (Math.abs(at - high) < end) return "high";
  if (Math.abs(at - low) < end) return "low";
  return at > low && at < high ? "whole" : "new";
}

/** @param {[number, number]} brush @param {string} kind @param {number} by @returns {[number, number]} */
function shifted([low, high], kind, by) {
  if (kind === "high") return [low, high + by];
  if (kind === "low") return [low + by, high];
  const kept = Math.min(Math.max(by, BELOW - low), 1 - high);
  return [low + kept, high + kept];
}
