// A chart in a box: ECharts on a canvas, sized with its box, with a tip that is part of the page, so that the content
// security policy can stay strict and the tip looks like everything else.
import { init } from "../../vendor/echarts/echarts.min.js";
import { color } from "../theme.js";
import { Tip } from "./tip.js";

/** The colours charts draw with, as the page paints them now. */
export function palette() {
  return {
    text: color("--text"),
    quiet: color("--chart-axis"),
    grid: color("--chart-grid"),
    surface: color("--surface"),
    muted: color("--chart-muted"),
    best: color("--chart-best"),
    complete: color("--state-complete"),
    pruned: color("--state-pruned"),
    running: color("--state-running"),
    fail: color("--state-fail"),
  };
}

/** What every axis looks like. @param {ReturnType<typeof palette>} colors */
export function axis(colors) {
  return {
    type: "value",
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: colors.quiet, fontSize: 11 },
    nameTextStyle: { color: colors.quiet, fontSize: 11 },
    splitLine: { lineStyle: { color: colors.grid } },
  };
}

export class Canvas {
  /** @param {HTMLElement} box a `.chart` with `.chart-canvas` and `.chart-empty` */
  constructor(box) {
    this.box = box;
    this.empty = /** @type {HTMLElement|null} */ (box.querySelector(".chart-empty"));
    this.element = /** @type {HTMLElement} */ (box.querySelector(".chart-canvas"));
    this.chart = init(this.element, null, { renderer: "canvas" });
    this.tip = new Tip(box);
    new ResizeObserver(() => this.chart.resize()).observe(this.element);
  }

  /** @param {object} option ECharts' option @param {boolean} hasData */
  draw(option, hasData) {
    if (this.empty) this.empty.hidden = hasData;
    this.element.classList.toggle("is-empty", !hasData);
    this.chart.setOption({ animation: false, ...option }, { notMerge: true });
  }

  /**
   * Call `hover` with the pointer's place in the box, or null when it leaves, and `choose` on a click.
   * @param {(place: [number, number]|null) => void} hover
   * @param {(place: [number, number]) => void} choose
   */
  listen(hover, choose) {
    const zr = this.chart.getZr();
    zr.on("mousemove", (/** @type {{offsetX: number, offsetY: number}} */ event) => hover([event.offsetX, event.offsetY]));
    zr.on("globalout", () => hover(null));
    zr.on("click", (/** @type {{offsetX: number, offsetY: number}} */ event) => choose([event.offsetX, event.offsetY]));
  }

  /**
   * From data to pixels in the box. Both axes are linear, so two points give the whole map, and the pointer's search
   * through thousands of points asks the library twice.
   * @returns {(x: number, y: number) => [number, number]}
   */
  projection() {
    const [left, top] = this.chart.convertToPixel({ gridIndex: 0 }, [0, 0]);
    const [right, bottom] = this.chart.convertToPixel({ gridIndex: 0 }, [1, 1]);
    return (x, y) => [left + x * (right - left), top + y * (bottom - top)];
  }

  /** @param {[number, number]} place @param {[string, string][]} lines the first is the heading */
  showTip(place, lines) {
    this.tip.show(place, lines);
  }

  hideTip() {
    this.tip.hide();
  }
}
