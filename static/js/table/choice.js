// Which rows are chosen: by their boxes, on every page of the table, and with the charts.
import { selection } from "../live/selection.js";
import { send } from "./marks.js";
import { toFilter, toRanges } from "./ranges.js";
import { numberOf } from "./row.js";

/** @import {Part} from "./part.js" */

const LONGEST_FILTER = 3500;

export class Choice {
  /** @param {HTMLTableSectionElement} body @param {Part} part */
  constructor(body, part) {
    this.body = body;
    this.part = part;
    /** @type {Set<number>} */
    this.chosen = new Set(selection.chosen ?? []);
    /** Where a range begins. @type {number|null} */
    this.anchor = null;
    this.place = document.getElementById("trials-chosen");
    this.words = document.createElement("span");
    this.page = this.#button("This page", () => this.#add(this.#onPage()));
    this.all = this.#button("", () => this.#addAll());
    this.only = this.#button("Show only these", () => this.part.filter(toFilter(this.chosen)));
    this.none = this.#button("None", () => this.set([]));
    this.place?.replaceChildren(this.words, this.page, this.all, this.only, this.none);
    let shift = false;
    body.addEventListener("click", (event) => {
      shift = event.shiftKey;
    });
    body.addEventListener("change", (event) => {
      const box = /** @type {HTMLInputElement} */ (event.target);
      if (box.matches(".row-choice")) this.turn(numberOf(/** @type {Element} */ (box.closest("tr"))), box.checked, shift);
    });
    selection.addEventListener("choose", () => {
      this.chosen = new Set(selection.chosen ?? []);
      this.show();
    });
    document.getElementById("trials-bulk")?.addEventListener("submit", (event) => this.#submit(event));
    this.show();
  }

  /** @param {number} number @param {boolean} on @param {boolean} range also all rows between the last one and this */
  turn(number, on, range) {
    const numbers = this.#onPage();
    const [from, to] = [this.anchor === null ? -1 : numbers.indexOf(this.anchor), numbers.indexOf(number)];
    const turned = range && from >= 0 ? numbers.slice(Math.min(from, to), Math.max(from, to) + 1) : [number];
    const chosen = new Set(this.chosen);
    for (const each of turned) {
      if (on) chosen.add(each);
      else chosen.delete(each);
    }
    this.anchor = number;
    this.set(chosen);
  }

  /** @param {Iterable<number>} numbers */
  set(numbers) {
    const chosen = new Set(numbers);
    selection.choose(chosen.size ? chosen : null);
    this.chosen = chosen;
    this.show();
  }

  /** Boxes and words, after anything that changed them. */
  show() {
    for (const row of this.body.rows) {
      const box = /** @type {HTMLInputElement|null} */ (row.querySelector(".row-choice"));
      const on = this.chosen.has(numberOf(row));
      if (box) box.checked = on;
      row.classList.toggle("is-chosen", on);
    }
    const count = this.chosen.size;
    document.getElementById("trials-choice")?.setAttribute("data-count", String(count));
    this.words.textContent = count ? `${count} chosen` : "Choose:";
    const matching = Number(this.part.table.dataset.matching);
    this.all.textContent = `All ${matching}${this.part.table.dataset.filtered ? " that match" : ""}`;
    this.page.hidden = count > 0;
    this.all.hidden = matching <= this.body.rows.length && count > 0;
    this.only.hidden = this.none.hidden = !count;
  }

  #onPage() {
    return [...this.body.rows].map(numberOf);
  }

  /** @param {Iterable<number>} numbers */
  #add(numbers) {
    this.set([...this.chosen, ...numbers]);
  }

  async #addAll() {
    const asked = new URLSearchParams({ q: new URLSearchParams(this.part.query).get("q") ?? "" });
    const card = /** @type {HTMLElement} */ (document.getElementById("trials-card"));
    const answer = await fetch(`${card.dataset.numbers}?${asked}`);
    if (answer.ok) this.#add((await answer.json()).numbers);
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
    if (button?.name === "star") return;
    const numbers = toRanges(this.chosen);
    if (button?.name !== "mark" || !numbers) {
      // The boxes of this page are sent by themselves; those of other pages too.
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "numbers", value: numbers });
      form.append(field);
      setTimeout(() => field.remove());
      return;
    }
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("tag"));
    const tag = field.value.trim();
    const marks = { tag: { add_tags: [tag] }, untag: { remove_tags: [tag] }, star: { starred: true } }[button.value];
    if (await send({ numbers, ...marks })) {
      if (button.value !== "star") field.value = "";
      this.part.reload();
    }
  }

  /** @param {string} words @param {() => void} act */
  #button(words, act) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm btn-quiet", textContent: words });
    button.addEventListener("click", () => {
      if (button === this.only && toFilter(this.chosen).length > LONGEST_FILTER) tell("Too many pieces for a filter: choose fewer.");
      else act();
    });
    return button;
  }
}

/** @param {string} words */
function tell(words) {
  const place = document.getElementById("trials-said");
  if (place) place.textContent = words;
}
