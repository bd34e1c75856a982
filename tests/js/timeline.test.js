import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "../../static/js/charts/timeline-rows.js";

test("a row per place of a runner, with its share of idle time", () => {
  const rows = rowsOf({
    now: 100,
    jobs: [
      { id: "a", runner: "gpu-1", start: 0, end: 50 },
      { id: "b", runner: "gpu-2", start: 0, end: null },
      { id: "c", runner: "gpu-3", start: 0, end: null },
    ],
    number: [0, 1, 2, 3],
    attempt: [0, 0, 0, 0],
    state: ["complete", "complete", "running", "lost"],
    job: [0, 0, 1, 0],
    lane: [0, 0, 0, 1],
    start: [10, 40, 60, 10],
    end: [30, 50, null, 50],
  });
  assert.deepEqual(
    rows.map(({ label }) => label),
    ["gpu-1 · 1", "gpu-1 · 2", "gpu-2"],
  );
  assert.deepEqual(rows[0].bars, [
    { at: 0, start: 10, end: 30 },
    { at: 1, start: 40, end: 50 },
  ]);
  // Held from 0 to 50; from its first trial on 40 s, of which 30 were used.
  assert.equal(rows[0].idle, 0.25);
  assert.equal(rows[1].idle, 0);
  assert.deepEqual([rows[2].idle, rows[2].bars[0].end], [0, 100]);
});
