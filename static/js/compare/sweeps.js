// Whole sweeps: how the best value grew, a line for each, over trials or over device-hours.
import { axis, Canvas, palette } from "../charts/canvas.js";
import { gradeColors } from "../charts/colors.js";
import { csvText, exportMenu } from "../charts/export.js";
import { formatMetric, formatNumber } from "../format.js";
import { onThemeChange } from "../theme.js";

/** @typedef {{sweep: string, name: string, trials: number[], hours: number[], best: number[], best_trial: number|null}} Growth */
/** @typedef {{metric: string, direction: string, sweeps: Growth[]}} Growths see sweeps/queries/compare/sweeps.py */

const DASHES = ["solid", "dashed", "dotted"];
const REACH = 32;

class GrowthChart {
  /** @type {"trials"|"hours"} */
  by = "trials";
  log = false;

  /** @param {HTMLElement} section @param {Growths} growths @param {string} sweepsUrl */
  constructor(section, growths, sweepsUrl) {
    this.growths = growths;
    this.sweepsUrl = sweepsUrl;
    this.canvas = new Canvas(/** @type {HTMLElement} */ (section.querySelector(".chart")));
    this.canvas.listen(
      (pointer) => this.#hover(pointer),
      (pointer) => {
        const near = this.#nearest(pointer);
        if (near) location.assign(`${this.sweepsUrl}${near.growth.sweep}/`);
      },
    );
  }

  /** Not the palest colours. @param {number} place */
  look(place) {
    const colors = gradeColors();
    const last = Math.max(this.growths.sweeps.length - 1, 1);
    return { color: colors[colors.length - 1 - Math.round((place / last) * (colors.length - 3))], dash: DASHES[place % DASHES.length] };
  }

  draw() {
    const colors = palette();
    this.canvas.draw(
      {
        grid: { left: 12, right: 18, top: 30, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(colors),
          type: this.log ? "log" : "value",
          name: this.by === "trials" ? "finished trials" : "device-hours",
          nameLocation: "middle",
          nameGap: 26,
          ...(this.log ? {} : { min: 0 }),
          splitLine: { show: false },
        },
        yAxis: {
          ...axis(colors),
          scale: true,
          name: `${this.growths.metric}, best so far`,
          nameTextStyle: { color: colors.quiet, fontSize: 11, align: "left" },
          axisLabel: { color: colors.quiet, fontSize: 11, formatter: formatNumber },
        },
        series: this.growths.sweeps.map((growth, place) => ({
          type: "line",
          step: "end",
          silent: true,
          symbol: "circle",
          symbolSize: 4,
          itemStyle: { color: this.look(place).color },
          lineStyle: { ...this.look(place), type: this.look(place).dash, width: 2 },
          data: this.#points(growth),
        })),
      },
      this.growths.sweeps.some((growth) => growth.best.length > 0),
    );
  }

  png() {
    return this.canvas.png();
  }

  svg() {
    return this.canvas.svg();
  }

  csv() {
    const rows = this.growths.sweeps.flatMap(({ name, trials, hours, best }) => best.map((value, i) => [name, trials[i], hours[i], value]));
    return csvText(["sweep", "trials", "device_hours", this.growths.metric], rows);
  }

  /** @param {Growth} growth @returns {[number, number][]} */
  #points(growth) {
    const points = growth.best.map((value, i) => /** @type {[number, number]} */ ([growth[this.by][i], value]));
    return this.log ? points.filter(([x]) => x > 0) : points;
  }

  /** @param {[number, number]} pointer */
  #nearest([x, y]) {
    let nearest = null;
    let least = REACH;
    const project = this.canvas.projection(this.log);
    for (const growth of this.growths.sweeps) {
      for (const point of this.#points(growth)) {
        const at = project(...point);
        const distance = Math.hypot(at[0] - x, at[1] - y);
        if (distance < least) {
          least = distance;
          nearest = { growth, point, at };
        }
      }
    }
    return nearest;
  }

  /** @param {[number, number]|null} pointer */
  #hover(pointer) {
    const near = pointer && this.#nearest(pointer);
    if (!near) {
      this.canvas.hideTip();
      return;
    }
    this.canvas.showTip(near.at, [
      [near.growth.name, ""],
      [this.growths.metric, formatMetric(near.point[1])],
      [this.by === "trials" ? "finished trials" : "device-hours", formatNumber(near.point[0])],
    ]);
  }
}

const section = /** @type {HTMLElement} */ (document.getElementById("growth"));
const growths = /** @type {Growths} */ (JSON.parse(section.dataset.lines ?? "{}"));
section.hidden = false;
const chart = new GrowthChart(section, growths, section.dataset.sweeps ?? "");
const byAxis = /** @type {HTMLElement} */ (document.getElementById("growth-axis"));
byAxis.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (!button) return;
  chart.by = /** @type {"trials"|"hours"} */ (button.value);
  for (const other of byAxis.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  chart.draw();
});
document.getElementById("growth-log")?.addEventListener("change", (event) => {
  chart.log = /** @type {HTMLInputElement} */ (event.target).checked;
  chart.draw();
});
exportMenu(/** @type {HTMLElement} */ (section.querySelector(".card-tools")), "compared-sweeps", () => chart);

function legend() {
  const items = growths.sweeps.map(({ name, sweep }, place) => {
    const swatch = document.createElement("span");
    swatch.className = "compare-swatch";
    swatch.dataset.dash = chart.look(place).dash;
    swatch.style.borderTopColor = chart.look(place).color;
    const link = document.createElement("a");
    link.href = `${chart.sweepsUrl}${sweep}/`;
    link.textContent = name;
    const item = document.createElement("li");
    item.append(swatch, link);
    return item;
  });
  document.getElementById("growth-legend")?.replaceChildren(...items);
}

legend();
chart.draw();
onThemeChange(() => {
  legend();
  chart.draw();
});
