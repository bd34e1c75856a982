// The section "Analysis": a tab per chart. A chart's module is fetched when its tab is first seen, and it is drawn only
// while it is seen.
import { exportMenu } from "../charts/export.js";
import { onThemeChange } from "../theme.js";
import { selection } from "./selection.js";

/** @import {Frame} from "./frame.js" */
/** @import {Mounted, Mounting} from "../charts/mounting.js" */

/** @type {Record<string, () => Promise<{mount: (host: HTMLElement, mounting: Mounting) => Mounted}>>} */
const CHARTS = {
  parallel: () => import("../charts/parallel.js"),
  importances: () => import("../charts/importances.js"),
  slice: () => import("../charts/slice.js"),
  contour: () => import("../charts/contour.js"),
  rank: () => import("../charts/rank.js"),
  distribution: () => import("../charts/distribution.js"),
  pareto: () => import("../charts/pareto.js"),
  timeline: () => import("../charts/timeline.js"),
};

/** Fewer trials with a value than this say nothing in most charts. */
const LEAST = 2;

const section = /** @type {HTMLElement} */ (document.getElementById("analysis"));
const tabs = /** @type {HTMLButtonElement[]} */ ([...section.querySelectorAll('[role="tab"]')]);
const note = /** @type {HTMLElement} */ (section.querySelector("[data-analysis-note]"));
const clear = /** @type {HTMLButtonElement} */ (section.querySelector("[data-analysis-clear]"));
const objectives = /** @type {HTMLSelectElement} */ (section.querySelector("[data-analysis-objective]"));
const sweepUrl = section.dataset.sweepUrl ?? "";
const apiUrl = section.dataset.apiUrl ?? "";

/** @type {Map<string, {chart: Mounted, stale: boolean}>} */
const mounted = new Map();
/** @type {Frame|null} */
let frame = /** @type {any} */ (document).hpwebFrame ?? null;
let seen = false;
let shown = "parallel";

/** @param {string} name @returns {HTMLElement} */
const panelOf = (name) => /** @type {HTMLElement} */ (document.getElementById(`analysis-${name}`));

/** Show a tab's chart. @param {string} name */
async function show(name) {
  shown = name;
  for (const tab of tabs) {
    const chosen = tab.value === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    panelOf(tab.value).hidden = !chosen;
  }
  await draw();
}

async function draw() {
  if (!seen || !frame) return;
  const name = shown;
  const panel = panelOf(name);
  const missing = missingFor(name, frame);
  const empty = /** @type {HTMLElement} */ (panel.querySelector(".analysis-empty"));
  const body = /** @type {HTMLElement} */ (panel.querySelector(".analysis-body"));
  empty.textContent = missing;
  empty.hidden = !missing;
  body.hidden = Boolean(missing);
  if (missing) return;
  let entry = mounted.get(name);
  if (!entry) {
    panel.setAttribute("aria-busy", "true");
    const { mount } = await CHARTS[name]();
    panel.removeAttribute("aria-busy");
    if (mounted.has(name) || !frame) return;
    const tools = /** @type {HTMLElement} */ (panel.querySelector(".analysis-tools"));
    const host = /** @type {HTMLElement} */ (panel.querySelector(".analysis-chart"));
    const chart = mount(host, { frame, selection, sweepUrl, apiUrl, tools });
    entry = { chart, stale: false };
    mounted.set(name, entry);
    chart.setObjective?.(Number(objectives.value) || 0);
    exportMenu(tools, `${section.dataset.name}-${name}`, () => mounted.get(name)?.chart ?? null);
    performance.mark(`analysis-${name}`);
  } else if (entry.stale) {
    entry.stale = false;
    entry.chart.update(frame);
  }
}

/** Why a chart would be empty; an empty text when it would not. @param {string} name @param {Frame} now */
function missingFor(name, now) {
  if (name === "timeline") return now.size ? "" : "The timeline begins with the first trial.";
  if (name === "importances") return "";
  const valued = now.objectives.length ? now.column("value:0").values.filter((value) => value !== null).length : 0;
  if (valued >= LEAST) return "";
  const have = valued === 1 ? "there is one" : "there is none yet";
  return `This chart needs at least ${LEAST} trials with a value; ${have}.`;
}

/** @param {Frame} now */
function take(now) {
  frame = now;
  for (const entry of mounted.values()) entry.stale = true;
  if (objectives.options.length !== now.objectives.length) {
    objectives.replaceChildren(...now.objectives.map(({ name }, place) => new Option(name, String(place))));
    const label = objectives.closest("label");
    if (label) label.hidden = now.objectives.length < 2;
  }
  for (const tab of tabs) if (tab.value === "pareto") tab.hidden = now.objectives.length < 2;
  draw();
}

function tell() {
  const count = selection.chosen?.size ?? null;
  clear.hidden = count === null;
  note.textContent = count === null ? "" : `${count} of ${frame?.size ?? 0} trials chosen`;
}

for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab.value));
  tab.addEventListener("keydown", (event) => {
    const open = tabs.filter((other) => !other.hidden);
    const place = open.indexOf(tab);
    /** @type {Record<string, number>} */
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: open.length - 1 };
    if (!(event.key in to)) return;
    event.preventDefault();
    const next = open[(to[event.key] + open.length) % open.length];
    next.focus();
    show(next.value);
  });
}
objectives.addEventListener("change", () => {
  for (const { chart } of mounted.values()) chart.setObjective?.(Number(objectives.value));
});
clear.addEventListener("click", () => selection.choose(null));
selection.addEventListener("choose", tell);
document.addEventListener("frame", (event) => take(/** @type {CustomEvent<Frame>} */ (event).detail));
onThemeChange(() => mounted.get(shown)?.chart.draw());
new IntersectionObserver(
  (entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    seen = true;
    draw();
  },
  { rootMargin: "200px" },
).observe(section);
if (frame) take(frame);
