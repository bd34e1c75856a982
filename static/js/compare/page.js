// The page of a comparison: n and p move through the rows that differ; curves, parallel coordinates and a scatter are drawn.
import { exportMenu } from "../charts/export.js";
import { mount as mountParallel } from "../charts/parallel.js";
import { selection } from "../live/selection.js";
import { onThemeChange } from "../theme.js";
import { OverlaidCurves } from "./curves.js";
import { followDifferences } from "./differences.js";
import { ComparedFrame } from "./frame.js";
import { mount as mountScatter } from "./scatter.js";

/** @import {ComparedJson} from "./frame.js" */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

followDifferences(byId("compare"));

const charts = byId("compare-charts");
const { trials = "", metric = "", api = "", sweeps = "" } = charts.dataset;

/** Names with the look of their lines; those beyond the first few only answer the pointer. */
const NAMED = 12;

/** @param {ComparedFrame} frame @param {OverlaidCurves} curves */
function legend(frame, curves) {
  const styles = curves.styles();
  const items = frame.trials.slice(0, NAMED).map(({ name }, place) => {
    const { color, dash, width } = styles[place];
    const swatch = document.createElement("span");
    swatch.className = "compare-swatch";
    swatch.dataset.dash = dash;
    swatch.style.borderTopColor = color;
    swatch.style.borderTopWidth = `${Math.round(width)}px`;
    const link = document.createElement("a");
    link.href = frame.address(place);
    link.textContent = place ? name : `${name} (base)`;
    const item = document.createElement("li");
    item.append(swatch, link);
    item.addEventListener("pointerenter", () => selection.hover(place));
    item.addEventListener("pointerleave", () => selection.hover(null));
    return item;
  });
  if (frame.size > NAMED) {
    const rest = document.createElement("li");
    rest.className = "quiet";
    rest.textContent = `and ${frame.size - NAMED} more`;
    items.push(rest);
  }
  byId("compare-legend").replaceChildren(...items);
}

/** Put the metric into the address, and into what is saved. @param {string} name */
function remember(name) {
  const asked = new URLSearchParams({ metric: name });
  const joined = (/** @type {string} */ query) =>
    [...query.split("&").filter((part) => part && !part.startsWith("metric=")), asked].join("&");
  // A saved comparison's address is its name.
  if (location.search) history.replaceState(null, "", `?${joined(location.search.slice(1))}${location.hash}`);
  const saved = /** @type {HTMLInputElement|null} */ (document.querySelector(".compare-save [name=query]"));
  if (saved) saved.value = joined(saved.value);
}

async function draw() {
  const answer = await fetch(`${api}?trials=${trials}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const json = /** @type {ComparedJson} */ (await answer.json());
  const frame = new ComparedFrame(json, sweeps);
  const form = /** @type {HTMLFormElement} */ (byId("compare-drawing"));
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("metric"));
  select.replaceChildren(...json.metrics.map((name) => new Option(name, name, false, name === metric)));
  select.addEventListener("change", () => remember(select.value));
  const curves = new OverlaidCurves(byId("compare-curves"), { frame, selection, url: `${api}curves/?trials=${trials}`, form });
  exportMenu(byId("compare-curves-tools"), "compared-curves", () => curves);
  legend(frame, curves);
  /** @type {{draw: () => unknown}[]} */
  const drawn = [curves];
  charts.hidden = false;
  await curves.draw();
  /** @param {string} name @param {typeof mountParallel} mount */
  const add = (name, mount) => {
    const tools = byId(`compare-${name}-tools`);
    const chart = mount(byId(`compare-${name}`), { frame, selection, sweepUrl: sweeps, apiUrl: api, tools });
    exportMenu(tools, `compared-${name}`, () => chart);
    drawn.push(chart);
    return chart;
  };
  const parallel = add("parallel", mountParallel);
  add("scatter", mountScatter);
  const objectives = /** @type {HTMLSelectElement} */ (byId("compare-objective"));
  objectives.replaceChildren(...frame.objectives.map(({ name }, place) => new Option(name, String(place))));
  objectives.addEventListener("change", () => parallel.setObjective?.(Number(objectives.value)));
  byId("compare-objective-label").hidden = frame.objectives.length < 2;
  performance.mark("compare-drawn");
  onThemeChange(() => {
    for (const chart of drawn) chart.draw();
    legend(frame, curves);
  });
}

draw();
