import assert from "node:assert/strict";
import test from "node:test";
import { bestSoFar, changesOf, chooseLines, linePoints, marks, metricOrder, smoothed, timesOf } from "../../static/js/charts/series.js";
import { Frame } from "../../static/js/live/frame.js";

const STATES = ["waiting", "running", "complete", "pruned", "fail", "cancelled"];

const frameOf = (states, values, reported = { number: [], value: [] }) =>
  Frame.from({
    position: 1,
    states: STATES,
    number: states.map((_, i) => i),
    state: states.map((state) => STATES.indexOf(state)),
    objectives: [{ name: "acc", direction: "maximize", values }],
    params: [],
    duration: states.map(() => null),
    started: states.map(() => null),
    start: null,
    runners: [],
    runner: states.map(() => null),
    version: states.map(() => 1),
    reported,
  });

test("marks: finite values, and the last reported or logged one of a trial that has none", () => {
  const frame = frameOf(["complete", "fail", "running", "pruned", "complete", "running"], [0.5, null, null, null, null, null], {
    number: [3, 5],
    value: [0.3, 0.2],
  });
  assert.deepEqual(
    marks(frame, 0, (number) => (number === 2 ? 0.4 : Number.NaN)),
    [
      { number: 0, value: 0.5, state: "complete" },
      { number: 2, value: 0.4, state: "running" },
      { number: 3, value: 0.3, state: "pruned" },
      { number: 5, value: 0.2, state: "running" },
    ],
  );
  assert.deepEqual(
    marks(frame, 1, () => 1),
    [],
  );
});

test("a line of steps is drawn by its changes", () => {
  const line = [0, 1, 2, 3, 4].map((number) => [number, number < 2 ? 5 : number < 4 ? 3 : 1]);
  assert.deepEqual(changesOf([...line, [5, 1]]), [
    [0, 5],
    [2, 3],
    [4, 1],
    [5, 1],
  ]);
});

test("time counts from the first point, and a new clock adds nothing", () => {
  assert.deepEqual(timesOf([7, 8, 10, 1, 2.5]), [0, 1, 3, 3, 4.5]);
});

test("smoothing starts at the first value and follows slowly", () => {
  const points = [1, 1, 5].map((y, x) => [x, y]);
  assert.deepEqual(smoothed(points, 0), points);
  const [first, second, third] = smoothed(points, 0.5).map(([, y]) => y);
  assert.deepEqual([first, second], [1, 1]);
  // Weights 1/8, 1/4, 1/2 of their sum 7/8.
  assert.ok(Math.abs(third - (1 / 8 + 1 / 4 + 5 / 2) / (7 / 8)) < 1e-12);
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
