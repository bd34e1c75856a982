import assert from "node:assert/strict";
import { test } from "node:test";
import { Axes, BELOW } from "../../static/js/charts/parallel-axes.js";

/** As much of a Frame as the axes ask for. */
function frame(columns, numbers) {
  const full = columns.map((column) => ({ label: column.id, kind: "number", log: false, choices: null, ...column }));
  return { numbers, columns: () => full };
}

const FRAME = frame(
  [
    { id: "number", values: [4, 5, 6] },
    { id: "value:0", values: [0.1, 0.3, null] },
    { id: "param:rate", values: [1e-4, 1e-3, 1e-2], log: true },
    { id: "param:size", values: [0, null, 1], kind: "choice", choices: ["8", "16"] },
  ],
  [4, 5, 6],
);

test("parameters first, then the objectives, each with its places", () => {
  const axes = new Axes();
  axes.update(FRAME);
  assert.deepEqual(
    axes.list.map((axis) => axis.id),
    ["param:rate", "param:size", "value:0"],
  );
  assert.ok(Math.abs(axes.list[0].places[1] - 0.5) < 1e-12);
  assert.deepEqual(
    axes.list.map((axis) => axis.gaps),
    [false, true, true],
  );
});

test("brushes of several axes are all met; a missing value has its own place", () => {
  const axes = new Axes();
  axes.update(FRAME);
  assert.equal(axes.chosen(), null);
  axes.brush("param:rate", [1, 0.4]);
  assert.deepEqual([...axes.chosen()], [5, 6]);
  axes.brush("param:size", [BELOW, 0]);
  assert.deepEqual([...axes.chosen()], [5]);
  axes.brush("param:rate", null);
  axes.brush("param:size", [0.9, 1]);
  assert.deepEqual([...axes.chosen()], []);
});

test("order and brushes outlive new trials", () => {
  const axes = new Axes();
  axes.update(FRAME);
  assert.equal(axes.move("value:0", 0), true);
  assert.equal(axes.move("value:0", -3), false);
  axes.brush("value:0", [0, 0.5]);
  axes.update(FRAME);
  assert.deepEqual(
    axes.list.map((axis) => axis.id),
    ["value:0", "param:rate", "param:size"],
  );
  assert.deepEqual([...axes.chosen()], [4]);
});

test("a turned axis keeps the values that are brushed", () => {
  const axes = new Axes();
  axes.update(FRAME);
  axes.brush("param:rate", [0.5, 1]);
  axes.turn("param:rate");
  assert.equal(axes.list[0].scale.log, false);
  const [low, high] = axes.brushes.get("param:rate");
  assert.ok(Math.abs(axes.list[0].scale.value(low) - 1e-3) < 1e-9);
  assert.ok(Math.abs(high - 1) < 1e-9);
  axes.turn("param:rate");
  assert.equal(axes.list[0].scale.log, true);
});
