// What the table does not show yet: trials that are new, and rows that may have to stand elsewhere. Shown on request.

export class News {
  /** @param {() => void} show */
  constructor(show) {
    this.place = document.getElementById("trials-news");
    this.added = 0;
    /** @type {Set<number>} */
    this.moved = new Set();
    this.show = show;
  }

  /** So many trials that were not there when the rows were read. @param {number} count */
  more(count) {
    this.added = Math.max(count, 0);
    this.#write();
  }

  /** A row's trial has another state now. @param {number} number */
  changed(number) {
    this.moved.add(number);
    this.#write();
  }

  clear() {
    this.added = 0;
    this.moved.clear();
    this.#write();
  }

  #write() {
    if (!this.place) return;
    const words = [];
    if (this.added) words.push(`${this.added} new trial${this.added === 1 ? "" : "s"}`);
    if (this.moved.size) words.push(`${this.moved.size} changed`);
    const said = words.join(", ");
    let button = this.place.querySelector("button");
    if (!said) {
      button?.remove();
      return;
    }
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.addEventListener("click", () => this.show());
      this.place.append(button);
    }
    if (button.textContent !== said) button.textContent = said;
  }
}
