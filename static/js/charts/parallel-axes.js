// What parallel coordinates show, as data: axes in an order, each with its scale and its brush. Pure: no DOM.
import { Scale } from "./scale.js";

/** @import {Column, Frame} from "../live/frame.js" */

/**
 * @typedef {object} Axis
 * @property {string} id of the frame's column
 * @property {string} label
 * @property {Scale} scale
 * @property {Float64Array} places of every trial, 0 to 1; NaN where it has no value
 * @property {boolean} gaps some trial has no value
 */

/** Trials without a value stand so far below the axis, in its lengths. */
export const BELOW = -0.09;

export class Axes {
  /** @type {Axis[]} in the order in which they stand */
  list = [];
  /** Axis → what is brushed of it, `[low, high]` between BELOW and 1. @type {Map<string, [number, number]>} */
  brushes = new Map();
  /** Axes whose scale people turned over. @type {Set<string>} */
  #turned = new Set();
  /** @type {string[]} */
  #order = [];

  /** Take the newest trials; order, scales and brushes stay. @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    const columns = frame.columns().filter(({ id }) => id.startsWith("param:") || id.startsWith("value:"));
    // The objectives stand right of what they depend on.
    columns.sort((a, b) => Number(a.id.startsWith("value:")) - Number(b.id.startsWith("value:")));
    const known = new Set(this.#order);
    this.#order = [...this.#order, ...columns.map(({ id }) => id).filter((id) => !known.has(id))];
    const by = new Map(columns.map((column) => [column.id, column]));
    this.list = this.#order.flatMap((id) => {
      const column = by.get(id);
      return column ? [this.#axis(column)] : [];
    });
    for (const id of this.brushes.keys()) if (!by.has(id)) this.brushes.delete(id);
  }

  /** @param {Column} column @returns {Axis} */
  #axis(column) {
    const scale = new Scale(column, column.log !== this.#turned.has(column.id));
    const places = scale.places(column.values);
    return { id: column.id, label: column.label, scale, places, gaps: places.some(Number.isNaN) };
  }

  /** Linear to logarithmic, or back. What was brushed of the axis stays brushed. @param {string} id */
  turn(id) {
    const axis = this.list.find((one) => one.id === id);
    if (!axis || !this.frame) return;
    const brush = this.brushes.get(id);
    const values = brush?.map((at) => (at < 0 ? null : axis.scale.value(at)));
    if (!this.#turned.delete(id)) this.#turned.add(id);
    this.update(this.frame);
    const { scale } = /** @type {Axis} */ (this.list.find((one) => one.id === id));
    if (values) this.brush(id, /** @type {[number, number]} */ (values.map((value) => (value === null ? BELOW : scale.at(value)))));
  }

  /** Put an axis at another place. @param {string} id @param {number} place */
  move(id, place) {
    const shown = this.list.map((axis) => axis.id);
    const from = shown.indexOf(id);
    const to = Math.min(Math.max(place, 0), shown.length - 1);
    if (from < 0 || from === to) return false;
    shown.splice(to, 0, ...shown.splice(from, 1));
    const hidden = this.#order.filter((other) => !shown.includes(other));
    this.#order = [...shown, ...hidden];
    this.list = shown.map((other) => /** @type {Axis} */ (this.list.find((axis) => axis.id === other)));
    return true;
  }

  /** @param {string} id @param {[number, number]|null} range in any order; null: the axis is not brushed */
  brush(id, range) {
    if (range) this.brushes.set(id, [Math.min(...range), Math.max(...range)]);
    else this.brushes.delete(id);
  }

  /** Numbers of the trials within every brush; null when there is none. @returns {Set<number>|null} */
  chosen() {
    if (!this.brushes.size || !this.frame) return null;
    const tests = this.list.flatMap((axis) => {
      const range = this.brushes.get(axis.id);
      return range ? [{ places: axis.places, low: range[0], high: range[1] }] : [];
    });
    const { numbers } = this.frame;
    const found = new Set();
    for (let i = 0; i < numbers.length; i += 1) {
      const inside = tests.every(({ places, low, high }) => {
        const at = Number.isNaN(places[i]) ? BELOW : places[i];
        return at >= low && at <= high;
      });
      if (inside) found.add(numbers[i]);
    }
    return found;
  }
}
