// A chart as a file: PNG, SVG, CSV. A chart's box gets a small menu; what is written is what is drawn.

/**
 * @typedef {object} Exported what a chart can give of itself
 * @property {() => Promise<Blob>|Blob} png
 * @property {() => string} svg
 * @property {() => string} csv
 */

/** @type {[keyof Exported, string][]} */
const KINDS = [
  ["png", "PNG image"],
  ["svg", "SVG drawing"],
  ["csv", "CSV data"],
];

/**
 * Put the menu into `tools`.
 * @param {HTMLElement} tools
 * @param {string} name of the file, without its ending
 * @param {() => Exported|null} source asked when a file is wanted
 * @returns {HTMLDetailsElement}
 */
export function exportMenu(tools, name, source) {
  const menu = document.createElement("details");
  menu.className = "menu menu--down menu--end export-menu";
  const summary = document.createElement("summary");
  summary.className = "btn btn-sm";
  summary.setAttribute("aria-label", "Save this chart");
  summary.append(icon("download"), "Save");
  const list = document.createElement("div");
  list.className = "menu-body";
  for (const [kind, label] of KINDS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "menu-item";
    button.textContent = label;
    button.addEventListener("click", async () => {
      menu.open = false;
      const chart = source();
      if (chart) save(await blobOf(chart, kind), `${name}.${kind}`);
    });
    list.append(button);
  }
  menu.append(summary, list);
  tools.append(menu);
  return menu;
}

/** @param {Exported} chart @param {keyof Exported} kind */
async function blobOf(chart, kind) {
  if (kind === "png") return chart.png();
  if (kind === "svg") return new Blob([chart.svg()], { type: "image/svg+xml" });
  return new Blob([chart.csv()], { type: "text/csv" });
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Rows as CSV (RFC 4180). @param {string[]} head @param {Iterable<unknown[]>} rows */
export function csvText(head, rows) {
  const lines = [head.map(cell).join(",")];
  for (const row of rows) lines.push(row.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** @param {unknown} value */
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  // A table program would take a text that begins so for a formula.
  const plain = typeof value === "string" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** A canvas as a PNG file. @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The chart is too large for an image."))), "image/png");
  });
}

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}
