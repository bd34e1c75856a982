// Failed trials: a line each; the traceback is long and rare, so it is read from the page itself when it is opened.
/** @import {TrialRow} from "./types.js" */

export class Failures {
  /** @param {HTMLElement} list @param {HTMLTemplateElement} pattern */
  constructor(list, pattern) {
    this.list = list;
    this.pattern = pattern;
    this.card = /** @type {HTMLElement|null} */ (list.closest("[data-show]"));
  }

  /** @param {TrialRow} trial */
  update(trial) {
    const known = document.getElementById(`failure-${trial.number}`);
    if (trial.state !== "fail") known?.remove();
    else if (!known) this.#add(trial);
    if (this.card) this.card.hidden = this.list.childElementCount === 0;
  }

  /** @param {TrialRow} trial */
  #add(trial) {
    const copy = /** @type {DocumentFragment} */ (this.pattern.content.cloneNode(true));
    const entry = /** @type {HTMLDetailsElement} */ (copy.firstElementChild);
    entry.id = `failure-${trial.number}`;
    const words = {
      number: String(trial.number),
      code: trial.failure_code,
      message: trial.failure_message,
      sentence: trial.failure_message,
    };
    for (const [cell, word] of Object.entries(words)) {
      const element = entry.querySelector(`[data-cell="${cell}"]`);
      if (element) element.textContent = word;
    }
    const trace = /** @type {HTMLElement} */ (entry.querySelector("[data-traceback]"));
    trace.textContent = "Loading the traceback …";
    entry.addEventListener("toggle", () => read(entry.id, trace), { once: true });
    this.list.append(entry);
  }
}

/** @param {string} id @param {HTMLElement} trace */
async function read(id, trace) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    trace.textContent = page.querySelector(`#${id} [data-traceback]`)?.textContent || "No traceback was recorded.";
  } catch {
    trace.textContent = "The server did not answer. Reload the page to see the traceback.";
  }
}
