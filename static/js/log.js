// A log that grows at its end: it follows the end unless the reader has scrolled up or paused it.
import { lineKey } from "./live/store.js";

/** @import {LogLine} from "./live/types.js" */

const LINES = 2000;
const NEAR = 40;

/** Whose words a line is. @param {LogLine} line */
export function speaker(line) {
  if (line.stream === "runner") return "runner";
  return line.number === null ? line.stream : `trial ${line.number}`;
}

export class LogView {
  #paused = false;
  /** @type {LogLine[]} */
  #waiting = [];
  #lastKey = "";

  /** @param {HTMLElement} box @param {HTMLElement} note @param {HTMLButtonElement} button */
  constructor(box, note, button) {
    this.box = box;
    this.note = note;
    this.button = button;
    button.hidden = false;
    button.addEventListener("click", () => this.#toggle());
  }

  /** Take the log's last lines from a snapshot; those that stand here already stay. @param {LogLine[]} lines */
  load(lines) {
    const known = lines.findLastIndex((line) => lineKey(line) === this.#lastKey);
    if (known < 0 && this.#lastKey && lines.length) this.#line("", "… lines left out …", "runner");
    this.add(lines.slice(known + 1));
  }

  /** @param {LogLine[]} lines */
  add(lines) {
    if (lines.length === 0) return;
    this.#lastKey = lineKey(lines[lines.length - 1]);
    if (this.#paused) {
      this.#waiting = this.#waiting.concat(lines).slice(-LINES);
      this.note.textContent = `${this.#waiting.length} new`;
      return;
    }
    const follows = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
    for (const line of lines.slice(-LINES)) this.#line(speaker(line), line.text.trimEnd(), line.stream);
    while (this.box.childElementCount > LINES) this.box.firstElementChild?.remove();
    if (follows) this.box.scrollTop = this.box.scrollHeight;
  }

  /** @param {string} who @param {string} words @param {string} stream */
  #line(who, words, stream) {
    const line = document.createElement("div");
    line.className = "log-line";
    line.dataset.stream = stream;
    const left = document.createElement("span");
    left.textContent = who;
    const right = document.createElement("span");
    right.textContent = words;
    line.append(left, right);
    this.box.append(line);
  }

  #toggle() {
    this.#paused = !this.#paused;
    this.button.setAttribute("aria-pressed", String(this.#paused));
    this.button
      .querySelector("use")
      ?.setAttribute("href", `${document.documentElement.dataset.icons}#player-${this.#paused ? "play" : "pause"}`);
    const word = this.button.querySelector("span");
    if (word) word.textContent = this.#paused ? "Go on" : "Pause";
    this.note.textContent = "";
    if (this.#paused) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.box.scrollTop = this.box.scrollHeight;
    this.add(lines);
  }
}
