// Failed trials by their cause: only the server groups them, so the list is read anew from the page when one more failed.
import { refresh } from "../part.js";

const EVERY = 1500;

export class Failures {
  #shown = -1;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    this.card = /** @type {HTMLElement|null} */ (list.closest("[data-show]"));
  }

  /** @param {number} failed how many trials have failed */
  update(failed) {
    const first = this.#shown < 0;
    if (failed === this.#shown) return;
    this.#shown = failed;
    // The page came with what had failed by then.
    if (first && failed === 0) return;
    this.#timer ??= setTimeout(() => this.#read(), first ? 0 : EVERY);
  }

  async #read() {
    this.#timer = undefined;
    if (document.hidden) {
      // Read when it is seen again.
      document.addEventListener("visibilitychange", () => this.#read(), { once: true });
      return;
    }
    await refresh(this.list);
    if (this.card) this.card.hidden = this.list.childElementCount === 0;
  }
}
