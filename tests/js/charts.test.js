import assert from "node:assert/strict";
import test from "node:test";
import { bestSoFar, chooseLines, linePoints, marks, metricOrder } from "../../static/js/charts/series.js";

test("marks: finite values, and the last logged one of a trial that has none yet", () => {
  const trials = [
    { number: 2, state: "running", value: null },
    { number: 0, state: "complete", value: 0.5 },
    { number: 1, state: "fail", value: null },
    { number: 3, state: "pruned", value: null, intermediate: [[1, 0.1, 0.3]] },
    { number: 4, state: "complete", value: "nan" },
  ];
  assert.deepEqual(
    marks(trials, (number) => (number === 2 ? 0.4 : Number.NaN)),
    [
      { number: 0, value: 0.5, state: "complete" },
      { number: 2, value: 0.4, state: "running" },
      { number: 3, value: 0.3, state: "pruned" },
    ],
  );
});

test("the best so far follows the direction and complete trials only", () => {
  const points = [
    { number: 0, value: 2, state: "complete" },
    { number: 1, value: 1, state: "complete" },
    { number: 2, value: 9, state: "pruned" },
    { number: 3, value: 3, state: "complete" },
  ];
  const expect = (direction, values) =>
    assert.deepEqual(
      bestSoFar(points, direction).map(([, best]) => best),
      values,
    );
  expect("maximize", [2, 2, 3]);
  expect("minimize", [2, 1, 1]);
});

test("metrics: the objective first, then loss, evaluation, the rest; no figures of a whole training", () => {
  const names = ["grad_norm", "train_runtime", "eval_loss", "loss", "eval_accuracy", "eval_runtime"];
  assert.deepEqual(metricOrder(names, "eval_accuracy"), ["eval_accuracy", "loss", "eval_loss", "grad_norm"]);
});

test("too many lines: those that matter and the newest", () => {
  assert.deepEqual(chooseLines([0, 1, 2, 3, 4, 5], new Set([1]), 3), [1, 4, 5]);
  assert.deepEqual(chooseLines([0, 1], new Set(), 3), [0, 1]);
});

test("a curve's points by step or epoch, finite only", () => {
  const curve = { step: [1, 2, 3], epoch: [0.1, null, 0.3], value: [5, 4, "nan"] };
  assert.deepEqual(linePoints(curve, "step"), [
    [1, 5],
    [2, 4],
  ]);
  assert.deepEqual(linePoints(curve, "epoch"), [[0.1, 5]]);
});
