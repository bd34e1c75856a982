// What a chart has above it: the key to its colours, selects.
import { formatMetric } from "../format.js";

/** From the worst to the best, in the colours of the page. */
export class ScaleKey {
  /** @param {HTMLElement} tools */
  constructor(tools) {
    this.element = document.createElement("span");
    this.element.className = "scale-key";
    this.worst = document.createElement("span");
    const bar = document.createElement("span");
    bar.className = "scale-key-bar";
    this.best = document.createElement("span");
    this.element.append(this.worst, bar, this.best);
    tools.append(this.element);
  }

  /** @param {string} name of the objective @param {{worst: number, best: number, clipped: boolean}} graded @param {string} direction */
  show(name, { worst, best, clipped }, direction) {
    const more = direction === "maximize" ? "≤ " : "≥ ";
    this.worst.textContent = `${name} ${clipped ? more : ""}${formatMetric(worst)}`;
    this.best.textContent = `${formatMetric(best)} best`;
  }

  /** @param {string} worst @param {string} best */
  say(worst, best) {
    this.worst.textContent = worst;
    this.best.textContent = best;
  }
}

/**
 * A select with its label.
 * @param {HTMLElement} tools @param {string} label @param {() => void} changed
 */
export function choice(tools, label, changed) {
  const outer = document.createElement("label");
  const select = document.createElement("select");
  select.className = "form-select";
  select.addEventListener("change", changed);
  outer.append(label, select);
  tools.append(outer);
  return select;
}

/** Offer these, and keep what is chosen where it is still there. @param {HTMLSelectElement} select @param {[string, string][]} options value and label @param {string} [first] chosen at first */
export function offer(select, options, first) {
  const key = JSON.stringify(options);
  if (select.dataset.key === key) return;
  const wanted = select.options.length ? select.value : first;
  select.dataset.key = key;
  select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  if (options.some(([value]) => value === wanted)) select.value = /** @type {string} */ (wanted);
}
