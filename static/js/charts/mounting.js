// What a chart of the section "Analysis" is given, and what it gives. Types only.

/** @import {Frame} from "../live/frame.js" */
/** @import {Selection} from "../live/selection.js" */

/**
 * @typedef {object} Mounting
 * @property {Frame} frame
 * @property {Selection} selection
 * @property {string} sweepUrl of the sweep's page, with a slash at its end
 * @property {string} apiUrl of the sweep in the API, with a slash at its end
 * @property {HTMLElement} tools where a chart puts its selects and switches
 *
 * @typedef {object} Mounted
 * @property {(frame: Frame) => void} update
 * @property {() => void} draw anew: the theme or the size has changed
 * @property {() => void} destroy
 * @property {() => Promise<Blob>|Blob} png
 * @property {() => string} svg
 * @property {() => string} csv
 * @property {(place: number) => void} [setObjective] where it is about one objective
 */

export {};
