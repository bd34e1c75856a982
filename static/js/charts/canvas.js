// A chart in a box: ECharts on a canvas, sized with its box, with a tip that is part of the page, so that the content
// security policy can stay strict and the tip looks like everything else.
import { init } from "../../vendor/echarts/echarts.min.js";
import { formatNumber } from "../format.js";
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

/**
 * The axes and place of a chart of curves.
 * @param {ReturnType<typeof palette>} colors
 * @param {{metric: string, by: string, smoothing: number, logX: boolean, logY: boolean}} drawn
 */
export function curveAxes(colors, { metric, by, smoothing, logX, logY }) {
  return {
    grid: { left: 12, right: 18, top: 30, bottom: 26, containLabel: true },
    xAxis: {
      ...axis(colors),
      type: logX ? "log" : "value",
      name: by === "time" ? "seconds" : by,
      nameLocation: "middle",
      nameGap: 26,
      ...(logX ? {} : { min: 0 }),
      splitLine: { show: false },
    },
    yAxis: {
      ...axis(colors),
      type: logY ? "log" : "value",
      scale: true,
      name: smoothing ? `${metric}, smoothed` : metric,
      nameTextStyle: { color: colors.quiet, fontSize: 11, align: "left" },
      axisLabel: { color: colors.quiet, fontSize: 11, formatter: formatNumber },
    },
  };
}

export { init };

export class Canvas {
  /** @param {HTMLElement} box a `.chart` with `.chart-canvas` and `.chart-empty` */
  constructor(box) {
    this.box = box;
    this.empty = /** @type {HTMLElement|null} */ (box.querySelector(".chart-empty"));
    this.element = /** @type {HTMLElement} */ (box.querySelector(".chart-canvas"));
    this.chart = init(this.element, null, { renderer: "canvas" });
    this.tip = new Tip(box);
    this.ring = document.createElement("div");
    this.ring.className = "chart-ring";
    this.ring.hidden = true;
    box.append(this.ring);
    /** What is drawn. @type {object} */
    this.option = {};
    new ResizeObserver(() => this.chart.resize()).observe(this.element);
    // After the page has turned to the light colours; a frame later would be too late for the paper.
    addEventListener("beforeprint", () => this.chart.getZr().flush());
  }

  /** @param {object} option ECharts' option @param {boolean} hasData */
  draw(option, hasData) {
    if (this.empty) this.empty.hidden = hasData;
    this.element.classList.toggle("is-empty", !hasData);
    this.option = { animation: false, ...option };
    this.ring.hidden = true;
    this.chart.setOption(this.option, { notMerge: true });
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
   * From data to pixels in the box. Axes are linear or logarithmic, so two points give the whole map, and the pointer's
   * search through thousands of points asks the library twice.
   * @param {boolean} [logX] @param {boolean} [logY]
   * @returns {(x: number, y: number) => [number, number]}
   */
  projection(logX = false, logY = false) {
    const [left, top] = this.chart.convertToPixel({ gridIndex: 0 }, [1, 1]);
    const [right, bottom] = this.chart.convertToPixel({ gridIndex: 0 }, [10, 10]);
    const part = (/** @type {number} */ value, /** @type {boolean} */ log) => (log ? Math.log10(value) : (value - 1) / 9);
    return (x, y) => [left + part(x, logX) * (right - left), top + part(y, logY) * (bottom - top)];
  }

  /** A ring around a place of the canvas; null takes it away. @param {[number, number]|null} place */
  mark(place) {
    this.ring.hidden = !place?.every((part) => Number.isFinite(part));
    if (place && !this.ring.hidden) this.ring.style.transform = `translate(${Math.round(place[0])}px, ${Math.round(place[1])}px)`;
  }

  /** @returns {Promise<Blob>} */
  async png() {
    const url = this.chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: palette().surface });
    // The content security policy lets a page fetch from its own server only, so the text is taken apart here.
    const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: "image/png" });
  }

  /** The chart as a drawing, drawn once more. @returns {string} */
  svg() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const copy = init(/** @type {any} */ (null), null, { renderer: "svg", ssr: true, width, height });
    copy.setOption({ ...this.option, backgroundColor: palette().surface });
    const text = copy.renderToSVGString();
    copy.dispose();
    return text;
  }

  /** @param {[number, number]} place @param {[string, string][]} lines the first is the heading */
  showTip(place, lines) {
    this.tip.show(place, lines);
  }

  hideTip() {
    this.tip.hide();
  }
}
