import assert from "node:assert/strict";
import { test } from "node:test";
import { csvText } from "../../static/js/charts/export.js";
import { distribution, GRADES, graded, paretoFront, withinLimits } from "../../static/js/charts/grades.js";
import { Scale, steps } from "../../static/js/charts/scale.js";

const column = (values, more = {}) => ({ kind: "number", log: false, choices: null, values, ...more });
const labels = (scale, count) => scale.ticks(count).map((tick) => tick.label);

test("a linear axis", () => {
  const scale = new Scale(column([0, null, 10]));
  assert.deepEqual([scale.at(0), scale.at(5), scale.at(10)], [0, 0.5, 1]);
  assert.equal(scale.value(0.25), 2.5);
  assert.deepEqual(labels(scale, 5), ["0", "2", "4", "6", "8", "10"]);
  const places = scale.places([5, null]);
  assert.equal(places[0], 0.5);
  assert.ok(Number.isNaN(places[1]));
});

test("a logarithmic axis has ticks at powers of ten, or within one", () => {
  const wide = new Scale(column([1e-6, 1e-2], { log: true }));
  assert.ok(Math.abs(wide.at(1e-4) - 0.5) < 1e-12);
  assert.deepEqual(labels(wide, 6), ["1e−6", "1e−5", "1e−4", "0.001", "0.01"]);
  assert.deepEqual(labels(wide, 3), ["1e−6", "1e−4", "0.01"]);
  assert.deepEqual(labels(new Scale(column([1, 9], { log: true })), 5), ["1", "2", "5"]);
  assert.equal(new Scale(column([0, 10], { log: true })).log, false);
});

test("choices stand in the middle of their shares", () => {
  const scale = new Scale(column([0, 1, 2], { kind: "choice", choices: ["a", "b", "c", "d"] }));
  assert.deepEqual([scale.at(0), scale.at(3)], [0.125, 0.875]);
  assert.deepEqual(
    [0, 0.3, 0.99, 1, -1].map((at) => scale.value(at)),
    [0, 1, 3, 3, 0],
  );
  assert.deepEqual(labels(scale, 2), ["a", "c"]);
});

test("an axis of one value and one of none", () => {
  const one = new Scale(column([3, 3]));
  assert.equal(one.at(3), 0.5);
  assert.deepEqual(one.ticks(5), [{ at: 0.5, label: "3" }]);
  assert.deepEqual(labels(new Scale(column([0.002, 0.002])), 5), ["0.002"]);
  assert.deepEqual(labels(new Scale(column([5e-5], { log: true })), 5), ["5e−5"]);
  assert.deepEqual(labels(new Scale(column([90], { kind: "time" })), 5), ["1 min 30 s"]);
  const none = new Scale(column([null]));
  assert.equal(none.empty, true);
  assert.equal(none.at(0.5), 0.5);
});

test("steps are round", () => {
  assert.deepEqual(steps(0.13, 0.91, 4), [0.2, 0.4, 0.6, 0.8]);
  assert.deepEqual(steps(-3, 3, 3), [-2, 0, 2]);
});

test("grades: the best is the highest, outliers at the bad end are cut", () => {
  const { grade, best, worst, clipped } = graded([1, 0, null, 0.5], "minimize");
  assert.deepEqual([...grade], [0, GRADES - 1, -1, 7]);
  assert.deepEqual([best, worst, clipped], [0, 1, false]);
  const many = Array.from({ length: 100 }, (_, i) => (i === 99 ? 1e9 : i));
  const cut = graded(many, "minimize");
  assert.deepEqual([cut.best, cut.worst, cut.clipped], [0, 94, true]);
  assert.equal(cut.grade[99], 0);
  assert.equal(graded(many, "maximize").best, 1e9);
  assert.deepEqual([...graded([1, 5, 5, 100], "maximize", { byRank: true }).grade], [0, 7, 7, 14]);
});

test("the Pareto front keeps equals and drops what is beaten", () => {
  const loss = [1, 2, 1, 3, null, 0];
  const accuracy = [0.5, 0.9, 0.5, 0.8, 0.9, 0.1];
  assert.deepEqual([...paretoFront([loss, accuracy], ["minimize", "maximize"])].sort(), [0, 1, 2, 5]);
});

test("the distribution counts what is as low or lower", () => {
  assert.deepEqual(distribution([3, null, 1]), [
    { place: 2, value: 1, share: 0.5 },
    { place: 0, value: 3, share: 1 },
  ]);
});

test("CSV quotes what needs it, and no cell is taken for a formula", () => {
  const text = csvText(
    ["a", "b,c"],
    [
      [1, 'say "hi"'],
      [null, "=1+1"],
      [-2, "-x"],
    ],
  );
  assert.equal(text, 'a,"b,c"\r\n1,"say ""hi"""\r\n,\'=1+1\r\n-2,\'-x\r\n');
});

test("limits are kept in the direction of each objective", () => {
  const columns = [
    [0.1, 0.2, 0.3, null],
    [0.5, 0.7, 0.9, 0.9],
  ];
  const directions = ["minimize", "maximize"];
  assert.deepEqual(withinLimits(columns, directions, [Number.NaN, Number.NaN]), [true, true, true, false]);
  assert.deepEqual(withinLimits(columns, directions, [0.2, Number.NaN]), [true, true, false, false]);
  assert.deepEqual(withinLimits(columns, directions, [0.2, 0.6]), [false, true, false, false]);
});
