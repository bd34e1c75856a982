// What the machine measured while a trial trained: a small chart for each unit, a line for each GPU and for the machine.
import { axis, Canvas, palette } from "../charts/canvas.js";
import { gradeColors } from "../charts/colors.js";
import { formatDuration, formatNumber, formatSize } from "../format.js";

/** @typedef {{label: string, group: string, values: (number|null)[]}} SystemCurve */
/** @typedef {{attempt: number, t: number[], curves: SystemCurve[], why: string}} System see sweeps/queries/trial/system.py */

const DASHES = ["solid", "dashed", "dotted"];
/** Of a running trial it is asked for again so often, in milliseconds. */
const AGAIN = 10_000;

/** @type {Record<string, (value: number) => string>} */
const UNITS = {
  use: (value) => `${formatNumber(Math.round(value))} %`,
  memory: (value) => formatSize(value),
  power: (value) => `${formatNumber(Math.round(value))} W`,
  temperature: (value) => `${formatNumber(Math.round(value))} °C`,
};

export class SystemCharts {
  /** @type {{group: string, canvas: Canvas, key: HTMLElement}[]} */
  #charts = [];

  /** @param {HTMLElement|null} section */
  constructor(section) {
    this.section = section;
    if (!section) return;
    this.system = /** @type {System} */ (JSON.parse(section.dataset.system ?? "null"));
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll(".metric[data-group]"))) {
      const canvas = new Canvas(/** @type {HTMLElement} */ (item.querySelector(".chart")));
      const chart = { group: item.dataset.group ?? "", canvas, key: /** @type {HTMLElement} */ (item.querySelector(".system-key")) };
      canvas.listen(
        (pointer) => this.#hover(chart, pointer),
        () => {},
      );
      this.#charts.push(chart);
    }
    if ("live" in section.dataset) setInterval(() => this.#again(), AGAIN);
  }

  draw() {
    if (!this.system) return;
    const colors = palette();
    const paints = [colors.best, colors.text, ...gradeColors()];
    for (const { group, canvas, key } of this.#charts) {
      const unit = UNITS[group];
      const curves = this.#curves(group);
      const look = (/** @type {number} */ i) => ({ color: paints[i % paints.length], dash: DASHES[i % DASHES.length] });
      const quiet = { ...axis(colors), axisLabel: { color: colors.quiet, fontSize: 10, hideOverlap: true } };
      canvas.draw(
        {
          grid: { left: 4, right: 12, top: 10, bottom: 4, containLabel: true },
          xAxis: {
            ...quiet,
            min: 0,
            splitNumber: 3,
            splitLine: { show: false },
            axisLabel: { ...quiet.axisLabel, formatter: formatDuration },
          },
          yAxis: {
            ...quiet,
            min: 0,
            ...(group === "use" ? { max: 100, interval: 50 } : {}),
            splitNumber: 3,
            axisLabel: { ...quiet.axisLabel, formatter: unit },
          },
          series: curves.map(({ values }, i) => ({
            type: "line",
            silent: true,
            showSymbol: values.length < 3,
            symbolSize: 5,
            itemStyle: { color: look(i).color },
            lineStyle: { color: look(i).color, width: 1.75, type: look(i).dash },
            data: values.map((value, at) => [this.system?.t[at], value ?? "-"]),
          })),
        },
        curves.length > 0,
      );
      key.replaceChildren(
        ...curves.map(({ label }, i) => {
          const item = document.createElement("li");
          const swatch = document.createElement("span");
          swatch.style.borderTopColor = look(i).color;
          swatch.dataset.dash = look(i).dash;
          item.append(swatch, label);
          return item;
        }),
      );
    }
  }

  /** @param {string} group */
  #curves(group) {
    return (this.system?.curves ?? []).filter((curve) => curve.group === group);
  }

  async #again() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.section?.dataset.url ?? "", { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      this.system = /** @type {System} */ (await answer.json());
      const why = document.getElementById("system-why");
      if (why) why.textContent = this.system.why;
      this.draw();
    } catch {
      // The server is away: it is asked again.
    }
  }

  /** @param {{group: string, canvas: Canvas}} chart @param {[number, number]|null} pointer */
  #hover({ group, canvas }, pointer) {
    const times = this.system?.t ?? [];
    if (!pointer || !times.length) {
      canvas.hideTip();
      return;
    }
    const project = canvas.projection();
    let near = 0;
    for (let i = 1; i < times.length; i += 1)
      if (Math.abs(project(times[i], 0)[0] - pointer[0]) < Math.abs(project(times[near], 0)[0] - pointer[0])) near = i;
    canvas.showTip(pointer, [
      [`after ${formatDuration(times[near])}`, ""],
      ...this.#curves(group).map(({ label, values }) => {
        const value = values[near];
        return /** @type {[string, string]} */ ([label, value === null ? "not read" : UNITS[group](value)]);
      }),
    ]);
  }
}
