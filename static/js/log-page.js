// The page of a log goes on by itself: the sweep's socket says that something came, the server is asked for the lines.
import { LiveSocket } from "./live/socket.js";

/** @typedef {{at: string, job: string, t: number, time: string|null, number: number|null, stream: string, level: string, text: string}} Row */

const MOST = 5000;
const NEAR = 60;
const EVERY = 400;

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const box = byId("log");
const note = byId("log-note");
/** @type {HTMLButtonElement} */
const button = byId("log-follow");
/** @type {HTMLTemplateElement} */
const pattern = byId("line-pattern");
const { sweep = "", api = "", query = "", oneTrial = "" } = box.dataset;

const named = box.querySelector(".log-line.is-named, .log-line:target");
if (named) named.scrollIntoView({ block: "center" });
else box.scrollTop = box.scrollHeight;

let last = box.dataset.last ?? "";
let paused = false;
let asking = false;
let again = false;

/** @param {Row} row */
function draw(row) {
  const copy = /** @type {DocumentFragment} */ (pattern.content.cloneNode(true));
  const line = /** @type {HTMLElement} */ (copy.firstElementChild);
  line.id = `L-${row.at}`;
  line.dataset.stream = row.stream;
  line.dataset.level = row.level;
  const cell = (/** @type {string} */ name) => /** @type {HTMLElement} */ (line.querySelector(`[data-cell="${name}"]`));
  const time = /** @type {HTMLAnchorElement} */ (cell("time"));
  time.href = `?around=${row.at}#L-${row.at}`;
  time.title = row.time ?? "";
  time.textContent = row.t.toFixed(1);
  cell("who").textContent = row.stream === "runner" || row.number === null || oneTrial ? row.stream : `trial ${row.number}`;
  cell("text").textContent = row.text;
  return line;
}

/** @param {Row[]} rows */
function add(rows) {
  if (!rows.length) return;
  document.getElementById("log-empty")?.remove();
  const follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  const some = document.createDocumentFragment();
  let job = [...box.querySelectorAll("[data-job]")].at(-1)?.getAttribute("data-job") ?? "";
  for (const row of rows) {
    if (row.job !== job) {
      job = row.job;
      const head = document.createElement("div");
      head.className = "log-job";
      head.dataset.job = job;
      head.textContent = `Job ${job}`;
      some.append(head);
    }
    some.append(draw(row));
  }
  box.append(some);
  while (box.childElementCount > MOST) box.firstElementChild?.remove();
  if (follows) box.scrollTop = box.scrollHeight;
}

async function ask() {
  if (paused) return;
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    let more = true;
    while (more) {
      const address = `${api}?${query}${last ? `&after=${encodeURIComponent(last)}` : ""}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) break;
      const found = /** @type {{lines: Row[], last: string, more: boolean}} */ (await answer.json());
      last = found.last || last;
      more = found.more;
      add(found.lines);
    }
  } catch {
    // The server is away: the socket tells when it is back.
  }
  setTimeout(() => {
    asking = false;
    if (again) {
      again = false;
      ask();
    }
  }, EVERY);
}

if (box.dataset.follows !== undefined) {
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(!paused));
    button.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset.icons}#player-${paused ? "play" : "pause"}`);
    const word = button.querySelector("span");
    if (word) word.textContent = paused ? "Follow" : "Pause";
    if (!paused) {
      box.scrollTop = box.scrollHeight;
      ask();
    }
  });
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  let position = -1;
  const socket = new LiveSocket(`${scheme}//${location.host}/ws/sweeps/${sweep}/`, {
    onMessage: (message) => {
      note.textContent = "";
      position = message.position ?? position;
      if (message.type === "hello" || message.logs?.length) ask();
    },
    onPong: (now) => {
      if (now > position) ask();
      position = now;
    },
    onDown: () => {
      note.textContent = "reconnecting";
    },
    onEnd: () => {
      note.textContent = "ended: reload the page";
    },
    position: () => position,
  });
  socket.start();
  addEventListener("online", () => socket.wake());
  addEventListener("offline", () => socket.drop());
}
