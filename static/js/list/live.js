// Rows of sweeps go on by themselves: those whose position has moved are asked for and put in their places, cell by cell.

const OPEN = new Set(["queued", "running", "paused"]);
const SOON_MS = 2000;
const LATER_MS = 10_000;

/** @param {HTMLTableElement} table */
function follow(table) {
  const rows = () => [...table.tBodies[0].rows].filter((row) => row.dataset.sweep);
  const wait = () => (rows().some((row) => OPEN.has(row.dataset.state ?? "")) ? SOON_MS : LATER_MS);

  async function look() {
    if (!document.hidden && rows().length) {
      try {
        await refresh(table, rows());
      } catch {
        // The server is away; what stands here stays until it is back.
      }
    }
    setTimeout(look, wait());
  }
  setTimeout(look, wait());
}

/** @param {HTMLTableElement} table @param {HTMLTableRowElement[]} rows */
async function refresh(table, rows) {
  const asked = new URLSearchParams(table.dataset.bulk === "1" ? location.search : "");
  asked.set("seen", rows.map((row) => `${row.dataset.sweep}:${row.dataset.position}`).join(","));
  asked.set("bulk", table.dataset.bulk ?? "0");
  const answer = await fetch(`${table.dataset.live}?${asked}`, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  tell(Number(answer.headers.get("Sweeps")) - Number(table.dataset.fits));
  if (answer.status === 204) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of rows) {
    const fresh = /** @type {HTMLTableRowElement|null} */ (page.querySelector(`[data-sweep="${row.dataset.sweep}"]`));
    if (fresh) put(row, fresh);
  }
}

/** What is chosen, and what has the focus, stays. @param {HTMLTableRowElement} row @param {HTMLTableRowElement} fresh */
function put(row, fresh) {
  Object.assign(row.dataset, fresh.dataset);
  [...row.cells].forEach((cell, place) => {
    const next = fresh.cells[place];
    if (cell.contains(document.activeElement) || cell.querySelector("input:checked") || cell.innerHTML === next.innerHTML) return;
    cell.replaceChildren(...next.childNodes);
  });
}

/** @param {number} more */
function tell(more) {
  const news = document.getElementById("list-news");
  const words = news?.querySelector("span");
  if (!news || !words) return;
  news.hidden = !(more > 0);
  const said = more === 1 ? "Show 1 new sweep" : `Show ${more} new sweeps`;
  if (more > 0 && words.textContent !== said) words.textContent = said;
}

/** @type {NodeListOf<HTMLTableElement>} */
const tables = document.querySelectorAll("table[data-live]");
for (const table of tables) follow(table);

export {};
