// Thousands of lines on a canvas without holding up the page: as many in each frame as it can take, the best first and
// on top, until all are there. What is not chosen lies below, painted once.

/** A frame that took longer, in ms, had too many lines; one that took less could have had more. */
const SLOW = 34;
const QUICK = 22;
const LEAST = 100;

export class Painter {
  /** @type {number} */
  #request = 0;
  /** How many lines a frame takes; learned. */
  #many = 1500;
  /** @type {(() => void)|null} */
  #done = null;

  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
    /** For measurements: lines painted in the last job, and whether all were. */
    this.painted = 0;
    this.finished = true;
  }

  /**
   * Begin anew with these lines.
   * @param {Float32Array} points of all lines, x and y for each axis
   * @param {number} perLine numbers per line
   * @param {number[][]} groups lines of one colour each, what comes first lies on top
   * @param {string[]} colors of the groups
   * @param {{width: number, alpha: number}} style
   * @param {() => void} [done] called when all are there
   */
  paint(points, perLine, groups, colors, style, done) {
    this.stop();
    const { canvas } = this.context;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, canvas.width, canvas.height);
    this.context.scale(devicePixelRatio, devicePixelRatio);
    this.context.globalCompositeOperation = "destination-over";
    this.context.globalAlpha = style.alpha;
    this.context.lineWidth = style.width;
    this.context.lineJoin = "bevel";
    this.painted = 0;
    this.finished = false;
    this.#done = done ?? null;
    let group = 0;
    let from = 0;
    let before = 0;
    const frame = (/** @type {number} */ now) => {
      if (before) this.#learn(now - before);
      before = now;
      let left = this.#many;
      while (left > 0 && group < groups.length) {
        const to = Math.min(from + left, groups[group].length);
        this.#lines(points, perLine, groups[group], from, to, colors[group]);
        left -= to - from;
        this.painted += to - from;
        from = to;
        if (from === groups[group].length) {
          group += 1;
          from = 0;
        }
      }
      if (group < groups.length) this.#request = requestAnimationFrame(frame);
      else {
        this.#request = 0;
        this.finished = true;
        this.#done?.();
      }
    };
    // The first lines are there at once, so that a brush is never a frame behind its pointer.
    frame(0);
  }

  stop() {
    if (this.#request) cancelAnimationFrame(this.#request);
    this.#request = 0;
  }

  /** How long a frame took tells how many lines the next one gets. @param {number} took ms */
  #learn(took) {
    if (took > SLOW) this.#many = Math.max(LEAST, this.#many / 2);
    else if (took < QUICK) this.#many *= 1.3;
  }

  /** Frames between which nothing was left to paint teach, too: those of a brush. @param {number} took ms */
  felt(took) {
    this.#learn(took);
  }

  /**
   * @param {Float32Array} points @param {number} perLine @param {number[]} lines @param {number} from @param {number} to
   * @param {string} color
   */
  #lines(points, perLine, lines, from, to, color) {
    const { context } = this;
    context.strokeStyle = color;
    context.beginPath();
    for (let n = from; n < to; n += 1) {
      const start = lines[n] * perLine;
      context.moveTo(points[start], points[start + 1]);
      for (let i = 2; i < perLine; i += 2) context.lineTo(points[start + i], points[start + i + 1]);
    }
    context.stroke();
  }
}
