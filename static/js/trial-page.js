// The page of a trial: its curve goes on by itself, and a point of it leads to the log of that moment.
import { CurvesChart } from "./charts/curves.js";
import { formatMetric } from "./format.js";
import { Follower } from "./live/follow.js";
import { showState } from "./live/state.js";
import { Store } from "./live/store.js";
import { onThemeChange } from "./theme.js";
import { followTrialKeys } from "./trial/keys.js";
import { Multiples } from "./trial/multiples.js";
import { SystemCharts } from "./trial/system.js";

/** @import {By} from "./charts/series.js" */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const box = byId("curves");
const { sweep = "", number: text = "", metric = "", log = "" } = box.dataset;
const number = Number(text);

/** Only what belongs to this trial is kept for drawing. */
class OneTrial extends Store {
  /** @override @param {import("./live/types.js").Snapshot} snapshot */
  load(snapshot) {
    const mine = String(number);
    const curves = mine in snapshot.curves ? { [mine]: snapshot.curves[mine] } : {};
    return super.load({ ...snapshot, curves, trials: snapshot.trials.filter((row) => row.number === number), logs: [] });
  }
}

const store = new OneTrial();
const open = (/** @type {number} */ _number, /** @type {number} */ step) => {
  location.href = `${log}?step=${step}`;
};
const chart = new CurvesChart(box, { metric: byId("curves-metric"), by: byId("curves-axis"), store, objective: metric, open });
const metrics = new Multiples(document.getElementById("metrics"), {
  store,
  number,
  by: () => /** @type {By} */ (byId("curves-axis").querySelector("[aria-pressed=true]")?.getAttribute("value") ?? "step"),
  choose: (name) => {
    const select = /** @type {HTMLSelectElement} */ (byId("curves-metric"));
    select.value = name;
    chart.draw();
    box.scrollIntoView({ block: "center" });
  },
  open: (step) => open(number, step),
});
// After the large chart has heard of it.
byId("curves-axis").addEventListener("click", () => metrics.draw());
const system = new SystemCharts(document.getElementById("system"));
system.draw();
followTrialKeys();
let scheduled = false;
let before = "";

function draw() {
  scheduled = false;
  for (const other of [...store.curves.keys()]) if (other !== number) store.curves.delete(other);
  chart.draw();
  metrics.draw();
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-last]"))) {
    const last = store.latest(number, place.dataset.last ?? "");
    if (last && store.trials.get(number)?.state === "running") place.textContent = formatMetric(last.value);
  }
  const state = store.trials.get(number)?.state;
  if (!state) return;
  showState(byId("trial-state"), state);
  // What only the server can write is there when the page is read anew.
  if (before && before !== state && state !== "running") location.reload();
  before = state;
}

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
new Follower({
  socketUrl: `${scheme}//${location.host}/ws/sweeps/${sweep}/`,
  snapshotUrl: `/api/v1/sweeps/${sweep}/snapshot/?trial=${number}`,
  store,
  onChange: (change) => {
    if (scheduled || !(change.all || change.curves.has(number) || change.trials.has(number))) return;
    scheduled = true;
    setTimeout(draw, 200);
  },
  onLink: () => {},
}).start();
onThemeChange(() => {
  chart.draw();
  metrics.draw();
  system.draw();
});
