// Thousands of lines on a canvas without holding up the page. At once comes an even sample, as many lines as a frame can
// take; when nothing else is asked for, all of them are painted out of sight, a little in each frame, and shown when they
// are complete. What comes last lies on top: the best trials.

/** What a frame may spend on lines, in ms: brushing stays above 20 frames a second with all else that a frame does. */
const BUDGET = 14;
/** Nothing new for so long, in ms: the sample is filled up. */
const PAUSE = 80;
/** So many lines are one path. Longer paths are slower by far to paint, shorter ones to ask for. */
const PATH = 25;
const LEAST = 200;

/**
 * @typedef {object} Lines
 * @property {Float32Array} points of all lines, x and y for each axis
 * @property {number} perLine numbers per line
 * @property {number[][]} groups lines of one colour each
 * @property {string[]} colors of the groups
 * @property {{width: number, alpha: number}} style
 */

export class Painter {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #request = 0;
  /** Lines that a millisecond takes; learned. */
  #pace = 15;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = contextOf(canvas);
    this.back = contextOf(document.createElement("canvas"));
    /** Whether every line is there. */
    this.finished = true;
  }

  /** Begin anew with these lines. @param {Lines} lines @param {() => void} [done] called when all are there */
  paint(lines, done) {
    this.stop();
    this.finished = false;
    const count = lines.groups.reduce((sum, group) => sum + group.length, 0);
    const most = Math.max(LEAST, Math.floor(this.#pace * BUDGET));
    this.#clear(this.context, lines);
    const begin = performance.now();
    const every = Math.ceil(count / most);
    for (let group = 0; group < lines.groups.length; group += 1) {
      this.#stroke(this.context, lines, group, 0, lines.groups[group].length, every);
    }
    this.#flush(this.context, Math.min(count, most), begin);
    if (every <= 1) {
      this.finished = true;
      done?.();
      return;
    }
    this.#timer = setTimeout(() => this.#fill(lines, done), PAUSE);
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#request) cancelAnimationFrame(this.#request);
    this.#request = 0;
  }

  /** Nothing is to be seen. */
  clear() {
    this.stop();
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.finished = true;
  }

  /** @param {Lines} lines @param {() => void} [done] */
  #fill(lines, done) {
    this.back.canvas.width = this.canvas.width;
    this.back.canvas.height = this.canvas.height;
    this.#clear(this.back, lines);
    let group = 0;
    let from = 0;
    const frame = () => {
      const begin = performance.now();
      while (group < lines.groups.length && performance.now() - begin < BUDGET) {
        const to = Math.min(from + LEAST, lines.groups[group].length);
        const start = performance.now();
        this.#stroke(this.back, lines, group, from, to, 1);
        this.#flush(this.back, to - from, start);
        from = to;
        if (from >= lines.groups[group].length) {
          group += 1;
          from = 0;
        }
      }
      if (group < lines.groups.length) {
        this.#request = requestAnimationFrame(frame);
        return;
      }
      this.#request = 0;
      this.context.setTransform(1, 0, 0, 1, 0, 0);
      this.context.globalAlpha = 1;
      this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      this.context.drawImage(this.back.canvas, 0, 0);
      this.finished = true;
      done?.();
    };
    this.#request = requestAnimationFrame(frame);
  }

  /** @param {CanvasRenderingContext2D} context @param {Lines} lines */
  #clear(context, { style }) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    context.globalAlpha = style.alpha;
    context.lineWidth = style.width;
    context.lineJoin = "bevel";
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Lines} lines @param {number} group @param {number} from
   * @param {number} to @param {number} every of so many lines one
   */
  #stroke(context, { points, perLine, groups, colors }, group, from, to, every) {
    const lines = groups[group];
    context.strokeStyle = colors[group];
    for (let n = from; n < to; ) {
      context.beginPath();
      for (let some = 0; some < PATH && n < to; some += 1, n += every) {
        const start = lines[n] * perLine;
        context.moveTo(points[start], points[start + 1]);
        for (let i = 2; i < perLine; i += 2) context.lineTo(points[start + i], points[start + i + 1]);
      }
      context.stroke();
    }
  }

  /** Have it painted now, so that its time can be told. @param {CanvasRenderingContext2D} context @param {number} count @param {number} begin */
  #flush(context, count, begin) {
    context.getImageData(0, 0, 1, 1);
    const took = performance.now() - begin;
    if (count >= LEAST / 2 && took > 0) this.#pace = 0.7 * this.#pace + 0.3 * (count / took);
  }
}

/** A canvas in the processor's memory: thousands of thin lines are slower through a GPU, and their time could not be told. @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}
