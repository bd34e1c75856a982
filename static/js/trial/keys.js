// To the next and the previous trial by keys: j and k as in the table, and the arrows.

/** @type {Record<string, string>} */
const LINKS = { j: "next", ArrowRight: "next", k: "prev", ArrowLeft: "prev" };

export function followTrialKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
    // An arrow scrolls the region that has the focus.
    const scrolls = event.key.startsWith("Arrow") && target.closest("[tabindex='0']");
    const link = LINKS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (typing || scrolls || !link) return;
    const to = /** @type {HTMLAnchorElement|null} */ (document.querySelector(`.trial-steps [rel=${link}]`));
    if (!to) return;
    event.preventDefault();
    to.click();
  });
}
