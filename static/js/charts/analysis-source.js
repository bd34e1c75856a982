// What the server computes about a sweep, asked for while somebody looks. It is not there at once: the server answers
// what it has, and computes what is newer beside its requests.

/** @typedef {{evaluator: string, label: string, objective: string, trials: number, of: number, shares: Record<string, number>, problem: string}} Rated */
/**
 * @typedef {object} Analysis
 * @property {number} needed trials that importances need
 * @property {number} finished trials that are complete now
 * @property {number} rests_on trials that `result` rests on
 * @property {boolean} pending a newer result is being computed
 * @property {string} problem
 * @property {{importances: {rated: Rated[], left_out: {name: string, why: string}[]}, hypervolume: {reference: number[], numbers: number[], values: number[]}|null}|null} result
 */

const FIRST_MS = 1500;
const LONGEST_MS = 20_000;
/** New trials are asked about no more often than this. */
const REST_MS = 5000;

export class AnalysisSource {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #asked = 0;
  #pause = FIRST_MS;
  #gone = new AbortController();

  /** @param {string} apiUrl of the sweep @param {(analysis: Analysis|null) => void} told null: the server does not answer */
  constructor(apiUrl, told) {
    this.url = `${apiUrl}analysis/`;
    this.told = told;
    this.ask();
  }

  /** Trials have changed. */
  changed() {
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#asked + REST_MS - performance.now());
    this.#timer = setTimeout(() => this.ask(), wait);
  }

  async ask() {
    this.#asked = performance.now();
    clearTimeout(this.#timer);
    let analysis = null;
    try {
      const answer = await fetch(this.url, { headers: { Accept: "application/json" }, signal: this.#gone.signal });
      if (answer.ok) analysis = /** @type {Analysis} */ (await answer.json());
    } catch {
      if (this.#gone.signal.aborted) return;
    }
    this.told(analysis);
    // A page that nobody sees asks again when trials change.
    if (document.hidden || (analysis && !analysis.pending)) {
      this.#pause = FIRST_MS;
      return;
    }
    this.#timer = setTimeout(() => this.ask(), this.#pause);
    this.#pause = Math.min(this.#pause * 1.5, LONGEST_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#gone.abort();
  }
}
