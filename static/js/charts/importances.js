// Parameter importances: how much of the difference between trials goes with each parameter, and on how many trials
// that rests.
import { AnalysisSource } from "./analysis-source.js";
import { axis, init, palette } from "./canvas.js";
import { csvText, pngOf } from "./export.js";
import { choice, offer } from "./keys.js";

/** @import {Analysis, Rated} from "./analysis-source.js" */
/** @import {Mounted, Mounting} from "./mounting.js" */

const ROW = 34;
const NAMES = 220;

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  return new Importances(host, mounting);
}

class Importances {
  /** @type {Analysis|null} */
  #analysis = null;
  #answered = false;

  /** @param {HTMLElement} host @param {Mounting} mounting */
  constructor(host, { frame, apiUrl, tools }) {
    this.frame = frame;
    this.objective = 0;
    this.select = choice(tools, "evaluator", () => this.draw());
    this.note = document.createElement("p");
    this.note.className = "analysis-said";
    this.note.setAttribute("role", "status");
    this.element = document.createElement("div");
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", "Importance of each parameter");
    this.left = document.createElement("p");
    this.left.className = "analysis-said quiet";
    host.append(this.note, this.element, this.left);
    this.chart = init(this.element, null, { renderer: "canvas" });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
    this.source = new AnalysisSource(apiUrl, (analysis) => {
      this.#answered = true;
      this.#analysis = analysis ?? this.#analysis;
      this.draw();
    });
  }

  /** @param {import("../live/frame.js").Frame} frame */
  update(frame) {
    this.frame = frame;
    this.source.changed();
  }

  /** @param {number} place */
  setObjective(place) {
    this.objective = place;
    this.draw();
  }

  destroy() {
    this.source.stop();
    this.observer.disconnect();
    this.chart.dispose();
  }

  /** @returns {Rated|null} what is chosen */
  #rated() {
    const rated = this.#analysis?.result?.importances.rated ?? [];
    const aim = this.frame.objectives[this.objective]?.name ?? "";
    const mine = rated.filter(({ objective }) => objective === aim);
    const options = mine.map(({ evaluator, label }) => /** @type {[string, string]} */ ([evaluator, label]));
    if (options.length) offer(this.select, options);
    /** @type {HTMLElement} */ (this.select.parentElement).hidden = !options.length;
    return mine.find(({ evaluator }) => evaluator === this.select.value) ?? null;
  }

  /** Names and shares, the most important last: a chart's first row is its lowest. @returns {[string, number][]} */
  #rows() {
    return Object.entries(this.#rated()?.shares ?? {}).sort((a, b) => a[1] - b[1]);
  }

  draw() {
    const rows = this.#rows();
    this.note.textContent = this.#says();
    const left = this.#analysis?.result?.importances.left_out ?? [];
    this.left.textContent =
      rows.length && left.length
        ? `Not rated: ${left.map(({ name, why }) => `${name} (${why.replace(/\.$/, "").toLowerCase()})`).join(", ")}.`
        : "";
    // What is hidden has no width.
    this.element.hidden = !rows.length;
    const width = this.element.clientWidth;
    if (!width || !rows.length) return;
    this.height = rows.length * ROW + 50;
    this.width = width;
    this.element.style.height = `${this.height}px`;
    this.chart.resize({ width, height: this.height });
    this.option = option(rows, Math.min(NAMES, width * 0.42));
    this.chart.setOption(this.option, { notMerge: true });
  }

  /** What the numbers rest on, or why there are none. */
  #says() {
    const analysis = this.#analysis;
    if (!analysis) return this.#answered ? "The server does not answer; it is asked again." : "Asking the server…";
    if (analysis.finished < analysis.needed && !analysis.result) {
      const have = analysis.finished === 1 ? "there is 1" : `there are ${analysis.finished}`;
      return `Importances need at least ${analysis.needed} complete trials; ${have}.`;
    }
    if (!analysis.result) return analysis.problem || "The server computes the importances; they appear here by themselves.";
    const rated = this.#rated();
    if (!rated) return analysis.problem || "No parameter differs between the trials, so there is nothing to rate.";
    if (rated.problem) return `${rated.label} says nothing here: ${rated.problem}`;
    const sample = rated.trials < rated.of ? `a random ${words(rated.trials)} of ${words(rated.of)}` : `all ${words(rated.of)}`;
    const newer = analysis.pending ? ` There are ${words(analysis.finished)} by now; newer numbers are on their way.` : "";
    return `${rated.label} on ${sample} complete trials.${newer} ${analysis.problem}`.trim();
  }

  async png() {
    return pngOf(this.chart.renderToCanvas({ pixelRatio: 2, backgroundColor: palette().surface }));
  }

  svg() {
    const drawing = init(/** @type {any} */ (null), null, { renderer: "svg", ssr: true, width: this.width, height: this.height });
    drawing.setOption({ ...this.option, backgroundColor: palette().surface });
    const text = drawing.renderToSVGString();
    drawing.dispose();
    return text;
  }

  csv() {
    const rated = this.#analysis?.result?.importances.rated ?? [];
    const rows = rated.flatMap(({ objective, evaluator, trials, shares }) =>
      Object.entries(shares).map(([name, share]) => [objective, evaluator, trials, name, share]),
    );
    return csvText(["objective", "evaluator", "trials", "parameter", "share"], rows);
  }
}

/** @param {[string, number][]} rows @param {number} names width of the names, in pixels */
function option(rows, names) {
  const colors = palette();
  const label = { color: colors.text, fontSize: 12 };
  return {
    animation: false,
    grid: { left: names + 12, right: 70, top: 8, bottom: 34 },
    xAxis: { ...axis(colors), min: 0, name: "share of the difference", nameLocation: "middle", nameGap: 22 },
    yAxis: {
      ...axis(colors),
      type: "category",
      splitLine: { show: false },
      axisLabel: { ...label, width: names, overflow: "truncate" },
      data: rows.map(([name]) => name),
    },
    series: [
      {
        type: "bar",
        silent: true,
        barMaxWidth: 16,
        itemStyle: { color: colors.best, borderRadius: [0, 3, 3, 0] },
        label: {
          show: true,
          position: "right",
          ...label,
          formatter: (/** @type {{value: number}} */ { value }) => `${(100 * value).toFixed(1)} %`,
        },
        data: rows.map(([, share]) => share),
      },
    ],
  };
}

/** @param {number} count */
function words(count) {
  return count.toLocaleString("en");
}
