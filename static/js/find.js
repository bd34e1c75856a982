// The search field of the navigation: "/" comes to it, what it finds is listed below it. Without this it is a plain form.

const WAIT_MS = 150;

const form = /** @type {HTMLFormElement|null} */ (document.querySelector("form[data-find]"));
const field = /** @type {HTMLInputElement|null} */ (document.getElementById("find-q"));
const list = document.getElementById("find-list");

/** @param {HTMLFormElement} form @param {HTMLInputElement} field @param {HTMLElement} list */
function follow(form, field, list) {
  let going = new AbortController();
  let timer = 0;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");

  /** @returns {HTMLAnchorElement[]} */
  const options = () => [...list.querySelectorAll("[role=option]")].map((option) => /** @type {HTMLAnchorElement} */ (option));
  const current = () => options().find((option) => option.id === field.getAttribute("aria-activedescendant"));

  /** @param {boolean} open */
  function show(open) {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) choose(undefined);
  }
  show(false);

  /** @param {HTMLAnchorElement|undefined} chosen */
  function choose(chosen) {
    for (const option of options()) option.setAttribute("aria-selected", String(option === chosen));
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    going.abort();
    going = new AbortController();
    const q = field.value.trim();
    if (!q) return show(false);
    try {
      const query = new URLSearchParams({ q });
      const answer = await fetch(`${form.dataset.find}?${query}`, { signal: going.signal, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return show(false);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (going.signal.aborted || document.activeElement !== field) return;
      list.replaceChildren(...fresh.body.childNodes);
      show(list.childElementCount > 0);
      choose(undefined);
    } catch {
      // The server is away or a newer question is asked; Enter still asks for the page.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("focus", () => {
    if (field.value.trim()) ask();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(/** @type {Node|null} */ (event.relatedTarget))) show(false);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      const all = options();
      const now = current();
      const by = event.key === "ArrowDown" ? 1 : -1;
      const at = now ? all.indexOf(now) + by : by > 0 ? 0 : all.length - 1;
      choose(all[(at + all.length) % all.length]);
    } else if (event.key === "Enter") {
      const chosen = current();
      if (!chosen) return;
      event.preventDefault();
      chosen.click();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    // There it filters the trials.
    if (document.getElementById("trials-q")) return;
    event.preventDefault();
    if (!field.checkVisibility()) document.querySelector(/** @type {string} */ (".app-nav-toggle"))?.dispatchEvent(new MouseEvent("click"));
    field.focus();
    field.select();
  });
}

if (form && field && list) follow(form, field, list);

export {};
