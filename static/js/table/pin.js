// The first columns stay in view while the others are scrolled: each needs to know how wide those before it are.

/** @type {ResizeObserver|null} */
let observer = null;

/** @param {HTMLTableElement} table */
export function pin(table) {
  const heads = /** @type {HTMLElement[]} */ ([...(table.tHead?.querySelectorAll("th.is-pinned") ?? [])]);
  const place = () => {
    let left = 0;
    for (const [index, head] of heads.entries()) {
      table.style.setProperty(`--pin-${index + 1}`, `${left}px`);
      left += head.offsetWidth;
    }
  };
  observer?.disconnect();
  if (heads.length < 2) {
    table.style.setProperty("--pin-1", "0px");
    return;
  }
  observer = new ResizeObserver(place);
  for (const head of heads) observer.observe(head);
  place();
}
