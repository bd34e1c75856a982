// Asks the server for curves that the store lacks: another metric, or trials that were chosen.

/** @import {Store} from "./store.js" */
/** @import {AttemptCurve} from "./types.js" */

/** As many trials as the server answers for at once. */
const MOST = 200;

export class CurveSource {
  /** `metric` and numbers that are on their way, or could not be had. @type {Set<string>} */
  #asked = new Set();

  /** @param {string} url @param {Store} store @param {() => void} onLoad */
  constructor(url, store, onLoad) {
    this.url = url;
    this.store = store;
    this.onLoad = onLoad;
  }

  /** See that these trials' curves of a metric get into the store. @param {string} metric @param {number[]} numbers */
  want(metric, numbers) {
    if (!metric || !this.store.loaded) return;
    const missing = numbers.filter((number) => this.store.curve(number, metric) === undefined && !this.#asked.has(`${metric} ${number}`));
    for (let i = 0; i < missing.length; i += MOST) this.#ask(metric, missing.slice(i, i + MOST));
  }

  /** @param {string} metric @param {number[]} numbers */
  async #ask(metric, numbers) {
    const keys = numbers.map((number) => `${metric} ${number}`);
    for (const key of keys) this.#asked.add(key);
    try {
      const query = new URLSearchParams({ metric, trials: numbers.join(",") });
      const answer = await fetch(`${this.url}?${query}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const { curves } = /** @type {{curves: Record<string, AttemptCurve>}} */ (await answer.json());
      this.store.merge(metric, numbers, curves);
      // The store may forget them again, and a snapshot replaces them.
      for (const key of keys) this.#asked.delete(key);
      this.onLoad();
    } catch {
      // The connection is away: when it is back, a snapshot comes, and the chart asks anew.
      for (const key of keys) this.#asked.delete(key);
    }
  }
}
