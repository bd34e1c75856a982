// The part of the page that the server writes for a filter, an order, a page: fetched, and put in its place.

const card = () => /** @type {HTMLElement} */ (document.getElementById("trials-card"));
const SOON = 700;

export class Part {
  /**
   * @param {HTMLTableElement} table `data-query`: the look that it shows
   * @param {() => void} swapped called when other rows stand there
   */
  constructor(table, swapped) {
    this.table = table;
    this.swapped = swapped;
    /** @type {AbortController|null} */
    this.going = null;
    /** @type {ReturnType<typeof setTimeout>|null} */
    this.timer = null;
    this.#follow();
    this.#told();
  }

  /** The look as an address' query. */
  get query() {
    return this.table.dataset.query ?? "";
  }

  /** The same look, read anew. @returns {Promise<boolean>} */
  reload() {
    return this.#fetch(this.query);
  }

  /** The same, in a moment, and once for all that ask meanwhile. */
  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.reload();
    }, SOON);
  }

  /** Another look; the address follows. @param {string} query @returns {Promise<boolean>} */
  async open(query) {
    const done = await this.#fetch(query);
    if (done) history.pushState(null, "", this.query ? `?${this.query}` : location.pathname);
    return done;
  }

  /** This look with another filter, from its first page. @param {string} q */
  filter(q) {
    const asked = new URLSearchParams(this.query);
    asked.delete("page");
    if (q.trim()) asked.set("q", q.trim());
    else asked.delete("q");
    return this.open(String(asked));
  }

  /** @param {string} query */
  async #fetch(query) {
    this.going?.abort();
    const going = new AbortController();
    this.going = going;
    this.table.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${card().dataset.part}?${query}`, { signal: going.signal, headers: { Accept: "text/html" } });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (going.signal.aborted) return false;
      put(fresh);
      this.#told();
      this.swapped();
      return true;
    } catch {
      // The server is away, or wants a login: what stands here stays, and the link's own way is open on a reload.
      return false;
    } finally {
      if (this.going === going) this.table.removeAttribute("aria-busy");
    }
  }

  /** Everything beside the table that repeats its look. */
  #told() {
    const set = new URLSearchParams(this.query);
    const q = set.get("q") ?? "";
    set.delete("page");
    /** @type {NodeListOf<HTMLInputElement>} */
    const backs = document.querySelectorAll("#trials-card input[name=back]");
    for (const field of backs) field.value = String(set);
    for (const link of document.querySelectorAll("#export-list a")) /** @type {HTMLAnchorElement} */ (link).search = String(set);
    for (const link of document.querySelectorAll("#views-list a")) {
      const same = new URLSearchParams(/** @type {HTMLElement} */ (link).dataset.query).toString() === String(set);
      if (same) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const clear = document.getElementById("trials-clear");
    if (clear) clear.hidden = !q;
    const field = /** @type {HTMLInputElement|null} */ (document.getElementById("trials-q"));
    if (!field) return;
    if (document.activeElement !== field) field.value = q;
    const wrong = document.querySelector("#trials-problem .table-problem") !== null;
    field.setAttribute("aria-invalid", String(wrong));
  }

  #follow() {
    card().addEventListener("click", (event) => {
      const link = /** @type {HTMLAnchorElement|null} */ (
        /** @type {Element} */ (event.target).closest("a[data-query], #trials-clear, a.tag")
      );
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      const query = new URL(link.href, location.href).search.slice(1);
      const field = /** @type {HTMLInputElement|null} */ (document.getElementById("trials-q"));
      if (field) field.value = new URLSearchParams(link.id === "trials-clear" ? "" : query).get("q") ?? "";
      this.#leave(link, link.id === "trials-clear" ? this.filter("") : this.open(query));
    });
    document.getElementById("trials-filter")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.target);
      this.filter(/** @type {HTMLInputElement} */ (form.elements.namedItem("q")).value);
    });
    addEventListener("popstate", () => {
      const field = /** @type {HTMLInputElement|null} */ (document.getElementById("trials-q"));
      field?.blur();
      this.#fetch(location.search.slice(1));
    });
  }

  /** The link that was followed may be gone with what it stood in: the focus goes to the one in its place. */
  async #leave(/** @type {HTMLElement} */ link, /** @type {Promise<boolean>} */ going) {
    const column = /** @type {HTMLElement|null} */ (link.closest("[data-column]"))?.dataset.column;
    const turn = link.getAttribute("rel");
    const inside = link.contains(document.activeElement);
    if (!(await going) || !inside) return;
    const again = column
      ? document.querySelector(`#trials-head [data-column="${CSS.escape(column)}"] a`)
      : document.querySelector(turn ? `#trials-pages [rel=${turn}], #trials-pages a` : "#trials-pages a, #trials-q");
    /** @type {HTMLElement|null} */ (again)?.focus({ preventScroll: true });
  }
}

/** Each element with data-swap in the place of the one of its id. @param {Document} fresh */
function put(fresh) {
  for (const element of fresh.querySelectorAll("[data-swap]")) {
    const old = document.getElementById(element.id);
    if (!old) continue;
    for (const { name, value } of element.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    old.toggleAttribute("hidden", element.hasAttribute("hidden"));
    if (element.getAttribute("data-swap") === "attributes") continue;
    if (element instanceof HTMLTemplateElement) /** @type {HTMLTemplateElement} */ (old).innerHTML = element.innerHTML;
    else old.replaceChildren(...element.childNodes);
  }
  const scroll = document.querySelector(".trials-scroll");
  if (scroll) scroll.scrollTop = 0;
}
