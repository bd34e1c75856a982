// What is pointed at and what is chosen, shared by every chart and the table of a page. Pure: no DOM.

/** Events: `hover` and `choose`, each only when something has changed. */
export class Selection extends EventTarget {
  constructor() {
    super();
    /** The trial under the pointer. @type {number|null} */
    this.hovered = null;
    /** The numbers of the trials that are brushed; null: nothing is brushed, everything is shown. @type {Set<number>|null} */
    this.chosen = null;
  }

  /** @param {number|null} number */
  hover(number) {
    if (number === this.hovered) return;
    this.hovered = number;
    this.dispatchEvent(new Event("hover"));
  }

  /** An empty set is a choice of nothing; null gives the choice up. @param {Iterable<number>|null} numbers */
  choose(numbers) {
    const chosen = numbers === null ? null : new Set(numbers);
    if (equal(chosen, this.chosen)) return;
    this.chosen = chosen;
    this.dispatchEvent(new Event("choose"));
  }

  /** Whether a trial is to be shown with full colour. @param {number} number */
  shows(number) {
    return this.chosen === null || this.chosen.has(number);
  }
}

/** @param {Set<number>|null} one @param {Set<number>|null} other */
function equal(one, other) {
  if (one === null || other === null) return one === other;
  return one.size === other.size && [...one].every((number) => other.has(number));
}

/** The page's one selection. */
export const selection = new Selection();
