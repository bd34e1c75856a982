// Keeps the page's frame: fetches it, applies the live rows above its position, fetches it anew when a snapshot was
// newer than it, and tells the charts at most twice a second. The newest frame is also at `document.hpwebFrame`.
import { toNumber } from "../format.js";
import { Frame } from "./frame.js";
import { pause } from "./socket.js";

/** @import {Store} from "./store.js" */
/** @import {Change, TrialRow} from "./types.js" */

const TELL_EVERY = 500;

export class FrameSource {
  /** Live rows that wait for the frame, each with what it stands at. @type {Map<number, {row: TrialRow, position: number}>} */
  #waiting = new Map();
  #fetching = false;
  #failures = 0;
  #told = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {string} url @param {Store} store */
  constructor(url, store) {
    this.url = url;
    this.store = store;
    /** @type {Frame|null} */
    this.frame = null;
  }

  /** Take what a message or snapshot changed; the store has it already. @param {Change} change */
  take(change) {
    for (const number of change.trials) {
      const row = this.store.trials.get(number);
      if (row) this.#waiting.set(number, { row, position: this.store.position });
    }
    // A snapshot carries only some of the rows.
    if (change.all && this.frame && this.frame.position < this.store.position) this.fetch();
    else this.#apply();
  }

  async fetch() {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const answer = await fetch(this.url, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(`The frame was answered with ${answer.status}.`);
      this.frame = Frame.from(await answer.json());
      this.#failures = 0;
    } catch {
      // Logged out or gone: the socket has said so, and a reload is all that helps.
      setTimeout(() => this.fetch(), pause(this.#failures));
      this.#failures = Math.min(this.#failures + 1, 10);
      return;
    } finally {
      this.#fetching = false;
    }
    if (this.store.loaded && this.frame.position < this.store.snapshotPosition) {
      // It shows what it has, and asks once more for what came before the socket listened.
      this.#tell();
      this.fetch();
      return;
    }
    this.#apply(true);
  }

  /** @param {boolean} fresh the frame is new, whatever waits */
  #apply(fresh = false) {
    const { frame } = this;
    if (!frame || this.#fetching) return;
    const metric = frame.objectives[0]?.name ?? "";
    const rows = [...this.#waiting.values()].filter(({ position }) => position > frame.position).map(({ row }) => row);
    this.#waiting.clear();
    if (this.store.loaded) frame.update(rows, this.store.position);
    for (const { number, values } of rows) {
      // Rows in messages carry no reports: of a trial that was pruned, the last thing it logged stands for its value.
      const latest = values.length ? Number.NaN : toNumber(this.store.latest(number, metric)?.value);
      if (Number.isFinite(latest)) frame.reported.set(number, latest);
    }
    if (rows.length || fresh) this.#tell();
  }

  #tell() {
    if (this.#timer) return;
    const wait = this.#told ? TELL_EVERY - (performance.now() - this.#told) : 0;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#told = performance.now();
        document.hpwebFrame = this.frame;
        document.dispatchEvent(new CustomEvent("frame", { detail: this.frame }));
      },
      Math.max(wait, 0),
    );
  }
}
