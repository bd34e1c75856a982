// When each place of a runner was at work, as rows of bars, and how long it was idle. Pure: no DOM.

/**
 * @typedef {object} Attempts the answer of `…/attempts/`: columns, see sweeps/queries/analysis/attempts.py
 * @property {number} now
 * @property {{id: string, runner: string, start: number, end: number|null}[]} jobs
 * @property {number[]} number
 * @property {number[]} attempt
 * @property {string[]} state
 * @property {number[]} job
 * @property {number[]} lane
 * @property {number[]} start
 * @property {(number|null)[]} end
 *
 * @typedef {object} Bar
 * @property {number} at place in the columns
 * @property {number} start
 * @property {number} end
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {[number, number][]} held when a job of the runner held the sweep
 * @property {Bar[]} bars by start
 * @property {number} idle share of the time from its first bar on that it was held and did nothing, 0 to 1
 */

/** @param {Attempts} attempts @returns {Row[]} */
export function rowsOf(attempts) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const runners = [...new Set(attempts.jobs.map(({ runner }) => runner))];
  /** @type {Map<string, number>} */
  const most = new Map();
  for (let i = 0; i < attempts.number.length; i += 1) {
    const { runner } = attempts.jobs[attempts.job[i]];
    most.set(runner, Math.max(most.get(runner) ?? 0, attempts.lane[i] + 1));
  }
  for (const runner of runners) {
    const lanes = most.get(runner) ?? 0;
    const held = attempts.jobs.flatMap((job) =>
      job.runner === runner ? [/** @type {[number, number]} */ ([job.start, job.end ?? attempts.now])] : [],
    );
    for (let lane = 0; lane < lanes; lane += 1) {
      const label = lanes > 1 ? `${runner} · ${lane + 1}` : runner;
      rows.set(`${runner} ${lane}`, { label, held, bars: [], idle: 0 });
    }
  }
  for (let i = 0; i < attempts.number.length; i += 1) {
    const row = rows.get(`${attempts.jobs[attempts.job[i]].runner} ${attempts.lane[i]}`);
    row?.bars.push({ at: i, start: attempts.start[i], end: attempts.end[i] ?? attempts.now });
  }
  for (const row of rows.values()) row.idle = idleShare(row);
  return [...rows.values()];
}

/** @param {Row} row */
function idleShare({ held, bars }) {
  if (!bars.length) return 1;
  const first = bars[0].start;
  // Before its first trial a job prepares, which is no idling.
  const spans = merged(held.map(([start, end]) => [Math.max(start, first), end]));
  const whole = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  const busy = merged(bars.map(({ start, end }) => [start, end])).reduce((sum, [start, end]) => sum + end - start, 0);
  return whole > 0 ? Math.min(Math.max(1 - busy / whole, 0), 1) : 0;
}

/** @param {number[][]} spans @returns {number[][]} without overlaps, by start */
function merged(spans) {
  const sorted = spans.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
  /** @type {number[][]} */
  const found = [];
  for (const [start, end] of sorted) {
    const last = found.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}
