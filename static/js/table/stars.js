// The star beside a trial's number: turned in place.
import { send } from "./marks.js";
import { numberOf } from "./row.js";

/** @import {Part} from "./part.js" */

/** @param {HTMLTableSectionElement} body @param {Part} part */
export function followStars(body, part) {
  body.addEventListener("click", async (event) => {
    const star = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("button.row-star"));
    if (!star) return;
    event.preventDefault();
    const on = star.getAttribute("aria-pressed") !== "true";
    star.setAttribute("aria-pressed", String(on));
    const done = await send({ numbers: String(numberOf(/** @type {Element} */ (star.closest("tr")))), starred: on });
    if (!done) star.setAttribute("aria-pressed", String(!on));
    else if (part.table.dataset.sort?.endsWith("starred") || part.table.dataset.filtered) part.soon();
  });
}
