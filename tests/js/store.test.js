import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "../../static/js/live/store.js";

const row = (number, more = {}) => ({ number, state: "running", attempt: 1, params: {}, value: null, intermediate: [], ...more });
const curve = (step, value) => ({ step, epoch: step.map((s) => s / 10), t: step.map((s) => s / 2), value });
const snapshot = (position, more = {}) => ({
  position,
  sweep: { state: "running" },
  trials: [],
  curves: {},
  metrics: [],
  logs: [],
  ...more,
});
const changes = (from, position, more = {}) => ({ type: "changes", from, position, ...more });
const points = (number, attempt, step, loss) => ({
  number,
  attempt,
  step,
  epoch: step.map((s) => s / 10),
  t: step.map((s) => s / 2),
  values: { loss },
});

function loaded(position, more) {
  const store = new Store();
  store.load(snapshot(position, more));
  return store;
}

test("messages wait for the snapshot, and only those above it count", () => {
  const store = new Store();
  assert.equal(store.receive(changes(3, 4, { trials: [row(0)] })), "held");
  assert.equal(store.receive(changes(4, 5, { trials: [row(1)] })), "held");
  const { change, gap } = store.load(snapshot(4, { trials: [row(0, { state: "complete" })] }));
  assert.equal(gap, false);
  assert.equal(change.all, true);
  assert.equal(store.position, 5);
  assert.equal(store.trials.get(0).state, "complete");
  assert.deepEqual([...change.trials], [1]);
});

test("a message that does not follow is a gap and changes nothing", () => {
  const store = loaded(10);
  assert.equal(store.receive(changes(11, 12, { trials: [row(0)] })), "gap");
  assert.equal(store.position, 10);
  assert.equal(store.trials.size, 0);
});

test("a gap among the held messages is told after the snapshot", () => {
  const store = new Store();
  store.receive(changes(7, 8));
  assert.equal(store.load(snapshot(5)).gap, true);
});

test("a message known already is old", () => {
  assert.equal(loaded(10).receive(changes(8, 10, { trials: [row(0)] })), "old");
});

test("a snapshot that is older than what is known is not taken", () => {
  const store = loaded(10, { trials: [row(0, { state: "complete" })] });
  const { change } = store.load(snapshot(9, { trials: [row(0)] }));
  assert.equal(change.all, false);
  assert.equal(store.trials.get(0).state, "complete");
  assert.equal(store.position, 10);
});

test("points are appended, and what a coalesced message repeats counts once", () => {
  const logs = [{ t: 1, number: 0, stream: "stdout", text: "a" }];
  const store = loaded(10, { trials: [row(0)], curves: { 0: { loss: curve([1, 2], [3, 2]) } }, logs });
  const more = { points: [points(0, 1, [2, 3], [2, 1])], logs: [...logs, { t: 2, number: 0, stream: "stdout", text: "b" }] };
  const change = store.receive(changes(8, 11, more));
  assert.deepEqual(store.curves.get(0).metrics.get("loss"), curve([1, 2, 3], [3, 2, 1]));
  assert.deepEqual(
    change.logs.map((line) => line.text),
    ["b"],
  );
  assert.deepEqual(store.latest(0, "loss"), { step: 3, value: 1 });
});

test("a metric that was not logged at a step leaves no point", () => {
  const store = loaded(1, { trials: [row(0)] });
  store.receive(changes(1, 2, { points: [points(0, 1, [1, 2, 3], [5, null, "nan"])] }));
  assert.deepEqual(store.curves.get(0).metrics.get("loss"), curve([1, 3], [5, "nan"]));
});

test("a new attempt replaces the curve, and late points of the old one are dropped", () => {
  const store = loaded(1, { trials: [row(0)], curves: { 0: { loss: curve([1, 2], [3, 2]) } } });
  store.receive(changes(1, 2, { trials: [row(0, { attempt: 2 })] }));
  assert.equal(store.latest(0, "loss"), null);
  store.receive(changes(2, 3, { points: [points(0, 1, [3], [1]), points(0, 2, [1], [4])] }));
  assert.deepEqual(store.curves.get(0).metrics.get("loss"), curve([1], [4]));
});

test("a row without intermediate values keeps those it had in the same attempt", () => {
  const store = loaded(1, { trials: [row(0, { intermediate: [[1, 0.1, 0.5]] })] });
  const { intermediate: _, ...bare } = row(0);
  store.receive(changes(1, 2, { trials: [{ ...bare }] }));
  assert.deepEqual(store.trials.get(0).intermediate, [[1, 0.1, 0.5]]);
  store.receive(changes(2, 3, { trials: [{ ...bare, attempt: 2 }] }));
  assert.equal(store.trials.get(0).intermediate, undefined);
});

test("behind twice in a row is a loss, once is a message on its way", () => {
  const store = loaded(5);
  assert.equal(store.isBehind(6), false);
  assert.equal(store.isBehind(5), false);
  assert.equal(store.isBehind(6), false);
  assert.equal(store.isBehind(7), true);
});

test("a curve that the snapshot left out is asked for once, and what was logged meanwhile stays", () => {
  const store = loaded(1, { trials: [row(0)], curves: { 0: { acc: curve([1], [0.5]) } }, metrics: ["acc", "loss"] });
  assert.deepEqual(store.metrics(), ["acc", "loss"]);
  assert.deepEqual(store.curve(0, "acc"), curve([1], [0.5]));
  assert.equal(store.curve(0, "loss"), undefined);
  store.receive(changes(1, 2, { points: [points(0, 1, [3, 4], [3, 2])] }));
  assert.equal(store.curve(0, "loss"), undefined);
  store.merge("loss", [0, 9], { 0: { attempt: 1, ...curve([1, 2, 3], [5, 4, 3]) } });
  assert.deepEqual(store.curve(0, "loss"), curve([1, 2, 3, 4], [5, 4, 3, 2]));
  assert.equal(store.curve(9, "loss"), null);
});

test("an answer about an attempt that is over is not taken", () => {
  const store = loaded(1, { trials: [row(0)], curves: { 0: { acc: curve([1], [1]) } }, metrics: ["acc", "loss"] });
  store.receive(changes(1, 2, { trials: [row(0, { attempt: 2 })] }));
  store.merge("loss", [0], { 0: { attempt: 1, ...curve([1], [5]) } });
  assert.equal(store.curve(0, "loss"), null);
});

test("an open page keeps what runs, the best and the newest, and no more", () => {
  const store = loaded(0, { trials: [row(0)], sweep: { state: "running", best: { number: 3 }, pareto: [] } });
  for (let number = 1; number <= 600; number += 1) {
    store.receive(changes(number - 1, number, { trials: [row(number, { state: "complete" })], points: [points(number, 1, [1], [1])] }));
  }
  assert.ok(store.trials.size <= 400);
  assert.ok(store.curves.size <= 400);
  assert.deepEqual([store.trials.has(0), store.trials.has(3), store.trials.has(600), store.trials.has(4)], [true, true, true, false]);
});

test("a long curve is thinned with its extremes", () => {
  const store = loaded(0, { trials: [row(0)] });
  const steps = Array.from({ length: 5000 }, (_, i) => i);
  for (let begin = 0; begin < 5000; begin += 50) {
    const some = steps.slice(begin, begin + 50);
    const values = some.map((step) => (step === 2345 ? 99 : step === 777 ? "nan" : 1));
    store.receive(changes(begin / 50, begin / 50 + 1, { points: [points(0, 1, some, values)] }));
  }
  const line = store.curve(0, "loss");
  assert.ok(line.step.length <= 1000);
  assert.equal(line.value.length, line.t.length);
  assert.ok(line.value.includes(99));
  assert.deepEqual([line.step[0], line.step.at(-1)], [0, 4999]);
});
