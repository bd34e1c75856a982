import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut } from "../../static/js/charts/layout.js";
import { Scale } from "../../static/js/charts/scale.js";
import { COLUMNS, ROWS, smoothed } from "../../static/js/charts/smooth.js";
import { jittered } from "../../static/js/charts/spread.js";

const cell = (x, y) => Math.floor(x * COLUMNS) + COLUMNS * Math.floor(y * ROWS);

test("the surface has a point's value at the point, the mean between two, and nothing far away", () => {
  const surface = smoothed([0.1, 0.3, 0.9, Number.NaN], [0.5, 0.5, 0.9, 0.1], [2, 6, -1, 9]);
  assert.equal(surface.length, COLUMNS * ROWS);
  assert.ok(Math.abs(surface[cell(0.1, 0.5)] - 2) < 0.2);
  assert.ok(Math.abs(surface[cell(0.2, 0.5)] - 4) < 0.5);
  assert.ok(Number.isNaN(surface[cell(0.9, 0.9)]));
  assert.ok(Number.isNaN(surface[cell(0.7, 0.1)]));
});

test("a choice's points are spread within its share, and always alike", () => {
  const scale = new Scale({ kind: "choice", log: false, choices: ["a", "b"], values: [0, 1] });
  const values = [0, 0, 0, 1, null];
  const places = jittered(scale, values, [0, 1, 2, 3, 4]);
  assert.deepEqual([...places], [...jittered(scale, values, [0, 1, 2, 3, 4])]);
  assert.equal(new Set(places.slice(0, 3)).size, 3);
  assert.ok(places.slice(0, 3).every((place) => place >= 0.1 && place <= 0.4));
  assert.ok(places[3] >= 0.6 && places[3] <= 0.9);
  assert.ok(Number.isNaN(places[4]));
});

test("panels stand in rows that fit", () => {
  const wide = laidOut(1000, 5, { least: 250, height: 200 });
  assert.equal(wide.height, 400);
  assert.deepEqual(
    wide.at.map(({ top }) => top),
    [30, 30, 30, 30, 230],
  );
  assert.equal(laidOut(200, 2, { least: 250, height: 200 }).height, 400);
});
