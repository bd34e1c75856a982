// Trials of several sweeps as columns: like a sweep's frame, with names and addresses of their own. Pure: no DOM.
import { Frame } from "../live/frame.js";

/** @import {Column} from "../live/frame.js" */
/** @import {FrameJson} from "../live/types.js" */

/**
 * @typedef {{sweep: string, number: number, name: string}} Trial
 *
 * @typedef {object} ComparedJson see sweeps/queries/compare/frame.py
 * @property {Trial[]} trials
 * @property {FrameJson} frame its numbers are places in `trials`
 * @property {{id: string, label: string, choices: string[]|null, values: (number|null)[]}[]} more
 * @property {string[]} metrics
 */

export class ComparedFrame extends Frame {
  /** @type {Map<string, Column>} */
  #more = new Map();

  /** @param {ComparedJson} json @param {string} sweepsUrl where sweeps' pages are, with a slash at its end */
  constructor(json, sweepsUrl) {
    super(json.frame);
    this.trials = json.trials;
    this.sweepsUrl = sweepsUrl;
    for (const { id, label, choices, values } of json.more)
      this.#more.set(id, { id, label, kind: choices ? "choice" : "number", log: false, choices, values });
  }

  /** @override @param {number} i */
  title(i) {
    return this.trials[i].name;
  }

  /** As an address names it. @override @param {number} i */
  name(i) {
    return `${this.trials[i].sweep}:${this.trials[i].number}`;
  }

  /** @override @param {number} i */
  address(i) {
    return `${this.sweepsUrl}${this.trials[i].sweep}/trials/${this.trials[i].number}/`;
  }

  /** @override */
  columns() {
    return [...super.columns(), ...this.#more.values()];
  }

  /** @override @param {string} id @returns {Column} */
  column(id) {
    return this.#more.get(id) ?? super.column(id);
  }

  /** @override @param {string} id */
  has(id) {
    return this.#more.has(id) || super.has(id);
  }
}
