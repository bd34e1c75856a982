// The live page of a sweep: binds the store to the page. The server has rendered everything once; this changes it in place.
import { LogView } from "../log.js";
import { refresh } from "../part.js";
import { onThemeChange } from "../theme.js";
import { CurveSource } from "./curve-source.js";
import { Failures } from "./failures.js";
import { Figures } from "./figures.js";
import { Follower } from "./follow.js";
import { FrameSource } from "./frame-source.js";
import { selection } from "./selection.js";
import { Store } from "./store.js";
import { TrialTable } from "./trials.js";

/** @import {Change, LinkWord} from "./types.js" */

const CHART_EVERY = 200;
/** The history of more trials is drawn only when the frame has changed. */
const FEW = 1000;
const LINK_WORDS = {
  connecting: "connecting",
  live: "live",
  reconnecting: "reconnecting",
  offline: "offline",
  gone: "no longer there",
  login: "logged out: reload",
};

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const root = byId("sweep");
const { sweep: id = "", metric = "" } = root.dataset;
const store = new Store();
const figures = new Figures();
const table = new TrialTable(byId("trials"), byId("trial-pattern"), store, metric);
const frames = new FrameSource(`/api/v1/sweeps/${id}/frame/`, store);
frames.fetch();
const failures = new Failures(byId("failures"));
const log = new LogView(byId("log"), byId("log-note"), byId("log-pause"));
/** @type {{draw: () => void}[]} */
let charts = [];

/** The details depend on the state, and what the runner found out is there with the first trial. */
let factsOf = "";

/** What only the server can write, beside the details: it changes with what people do. */
const PARTS = ["queue", "timeline", "edges"];
let partsOf = "";

function followParts() {
  const sweep = store.sweep;
  if (document.hidden || !sweep) return;
  const { state, wanted, n_trials, counts, space_version, archived } = sweep;
  const best = sweep.best?.number ?? -1;
  const now = [state, wanted, n_trials, counts.waiting, counts.cancelled, space_version, archived, best].join(" ");
  if (partsOf === now) return;
  if (partsOf) for (const id of PARTS) refresh(byId(id));
  partsOf = now;
}

function followFacts() {
  const now = `${store.sweep?.state} ${store.trials.size > 0}`;
  // A hidden page keeps what it has, and catches up when it is seen.
  if (document.hidden || !store.sweep || factsOf === now) return;
  // The first state is the one that the page came with.
  if (factsOf) refresh(byId("facts"));
  factsOf = now;
}

/** Changes gathered until the next frame. @type {Change} */
let pending = { all: false, sweep: false, trials: new Set(), curves: new Set(), logs: [] };
let scheduled = false;
let chartsDrawn = 0;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let chartTimer;

/** @param {Change} change */
function gather(change) {
  if (change.all) log.load(change.logs);
  else log.add(change.logs);
  frames.take(change);
  pending.all ||= change.all;
  pending.sweep ||= change.sweep;
  for (const number of change.trials) pending.trials.add(number);
  for (const number of change.curves) pending.curves.add(number);
  if (scheduled) return;
  scheduled = true;
  // A page in the background gets no frames, and must not fall behind for that.
  if (document.hidden) setTimeout(show, 100);
  else requestAnimationFrame(show);
}

function show() {
  scheduled = false;
  const change = pending;
  pending = { all: false, sweep: false, trials: new Set(), curves: new Set(), logs: [] };
  const rows = change.all ? [...store.trials.keys()].sort((a, b) => a - b) : [...change.trials].sort((a, b) => a - b);
  table.update(rows);
  table.updateLatest(change.all ? [] : change.curves);
  if (store.sweep && (change.sweep || change.all)) {
    figures.update(store.sweep);
    failures.update(store.sweep.counts.fail ?? 0);
  }
  const best = store.sweep?.best;
  table.markBest(store.sweep?.pareto.length ? store.sweep.pareto : best ? [best.number] : []);
  const empty = /** @type {HTMLElement|null} */ (document.querySelector('[data-show="no-trials"]'));
  if (empty) empty.hidden = store.trials.size > 0;
  followFacts();
  followParts();
  drawCharts();
}

function drawCharts() {
  clearTimeout(chartTimer);
  const wait = CHART_EVERY - (performance.now() - chartsDrawn);
  if (wait > 0 && chartsDrawn) {
    chartTimer = setTimeout(drawCharts, wait);
    return;
  }
  chartsDrawn = performance.now();
  for (const chart of charts) chart.draw();
}

/** @param {LinkWord} word */
function showLink(word) {
  const link = byId("link");
  if (link.hidden) link.hidden = false;
  if (link.dataset.link === word) return;
  link.dataset.link = word;
  const icon = word === "live" ? "live" : word === "connecting" || word === "reconnecting" ? "reconnecting" : "offline";
  link.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset.icons}#link-${icon}`);
  const words = link.querySelector("span");
  if (words) words.textContent = LINK_WORDS[word];
}

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const follower = new Follower({
  socketUrl: `${scheme}//${location.host}/ws/sweeps/${id}/`,
  snapshotUrl: `/api/v1/sweeps/${id}/snapshot/`,
  store,
  onChange: gather,
  onLink: showLink,
});
follower.start();

addEventListener("online", () => follower.socket.wake());
addEventListener("offline", () => follower.socket.drop());
addEventListener("pageshow", (event) => event.persisted && follower.socket.wake());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  follower.socket.wake();
  followFacts();
  followParts();
});
setInterval(() => {
  figures.tick();
  table.tick(figures.now());
}, 1000);

// Charts come last: the numbers do not wait for the library.
const [{ HistoryChart }, { CurvesChart }, { exportMenu }] = await Promise.all([
  import("../charts/history.js"),
  import("../charts/curves.js"),
  import("../charts/export.js"),
]);
const open = (/** @type {number} */ number) => location.assign(`${location.pathname}trials/${number}/`);
const stateOf = (/** @type {number} */ number) => {
  const i = frames.frame?.indexOf(number) ?? -1;
  return frames.frame && i >= 0 ? frames.frame.state(i) : "";
};
const history = new HistoryChart(byId("history"), {
  store,
  selection,
  objective: byId("history-objective"),
  hidePruned: byId("history-hide-pruned"),
  open,
});
const curves = new CurvesChart(byId("curves"), {
  metric: byId("curves-metric"),
  by: byId("curves-axis"),
  drawing: byId("curves-drawing"),
  store,
  objective: metric,
  open,
  selection,
  source: new CurveSource(`/api/v1/sweeps/${id}/curves/`, store, () => curves.draw()),
  note: (words) => {
    byId("curves-note").textContent = words;
  },
  stateOf,
});
exportMenu(byId("history-tools"), `${id}-history`, () => history);
exportMenu(byId("curves-tools"), `${id}-curves`, () => curves);
charts = [curves];
onThemeChange(() => {
  history.draw();
  curves.draw();
});
table.body.addEventListener("pointerover", (event) => selection.hover(rowNumber(event.target)));
table.body.addEventListener("pointerleave", () => selection.hover(null));
document.addEventListener("frame", ({ detail }) => showFrame(detail));
if (document.hpwebFrame) showFrame(document.hpwebFrame);
drawCharts();

/** @param {import("./frame.js").Frame} frame */
function showFrame(frame) {
  history.update(frame);
  // The values that running trials logged last move on between two frames.
  charts = frame.size > FEW ? [curves] : [curves, history];
  // For measurements: after the next paint.
  requestAnimationFrame(() => setTimeout(() => performance.mark("history-painted")));
}

/** @param {EventTarget|null} target */
function rowNumber(target) {
  const row = /** @type {Element} */ (target).closest?.("tr");
  return row?.id.startsWith("trial-") ? Number(row.id.slice("trial-".length)) : null;
}
