// The same strokes on a canvas and as SVG text, so that a chart that is drawn by hand can be saved as a drawing.

/** @typedef {"left"|"center"|"right"} Align */

const FONT = "system-ui, sans-serif";

export class CanvasPen {
  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
  }

  /** @param {ArrayLike<number>} points x, y, x, y … @param {string} color @param {number} width @param {number} [alpha] */
  line(points, color, width, alpha = 1) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    context.stroke();
    context.globalAlpha = 1;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} color @param {number} [alpha] */
  box(x, y, width, height, color, alpha = 1) {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = color;
    this.context.fillRect(x, y, width, height);
    this.context.globalAlpha = 1;
  }

  /** @param {string} text @param {number} x @param {number} y the middle @param {string} color @param {Align} align @param {number} [size] */
  text(text, x, y, color, align, size = 11) {
    const { context } = this;
    context.font = `${size}px ${FONT}`;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.fillStyle = color;
    context.fillText(text, x, y);
  }
}

export class SvgPen {
  /** @type {string[]} */
  #parts = [];

  /** @param {ArrayLike<number>} points @param {string} color @param {number} width @param {number} [alpha] */
  line(points, color, width, alpha = 1) {
    const place = Array.from(points, (number) => Math.round(number * 10) / 10).join(" ");
    this.#parts.push(`<polyline points="${place}" fill="none" stroke="${color}" stroke-width="${width}"${faint("stroke", alpha)}/>`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} color @param {number} [alpha] */
  box(x, y, width, height, color, alpha = 1) {
    this.#parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${color}"${faint("fill", alpha)}/>`);
  }

  /** @param {string} text @param {number} x @param {number} y @param {string} color @param {Align} align @param {number} [size] */
  text(text, x, y, color, align, size = 11) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    this.#parts.push(
      `<text x="${x}" y="${y}" fill="${color}" font-size="${size}" font-family="${FONT}" text-anchor="${anchor}" dominant-baseline="central">${escaped(text)}</text>`,
    );
  }

  /** The drawing. @param {number} width @param {number} height */
  whole(width, height) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${this.#parts.join("")}</svg>`;
  }
}

/** @param {string} what @param {number} alpha */
function faint(what, alpha) {
  return alpha < 1 ? ` ${what}-opacity="${alpha}"` : "";
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
