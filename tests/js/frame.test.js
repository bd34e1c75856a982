import assert from "node:assert/strict";
import test from "node:test";
import { Frame } from "../../static/js/live/frame.js";

const STATES = ["waiting", "running", "complete", "pruned", "fail", "cancelled"];

const json = () => ({
  position: 17,
  states: STATES,
  number: [0, 1, 3],
  state: [2, 1, 3],
  objectives: [{ name: "eval_loss", direction: "minimize", values: [0.61, null, null] }],
  params: [
    { name: "learning_rate", kind: "number", log: true, choices: null, values: [1e-4, 2e-4, null] },
    { name: "optim", kind: "choice", log: false, choices: ["adamw_torch", "adafactor"], values: [0, 1, null] },
    { name: "batch", kind: "choice", log: false, choices: [8, null, false], values: [0, 1, 2] },
  ],
  duration: [12.3, null, 4],
  started: [0, 14.1, 20],
  start: 1_700_000_000,
  runners: ["gpu-1"],
  runner: [0, 0, null],
  version: [1, 1, 2],
  reported: { number: [3], value: [0.9] },
});

const row = (number, changes = {}) => ({
  number,
  state: "complete",
  params: { learning_rate: 3e-4, optim: "adafactor", batch: 8 },
  value: 0.5,
  values: [0.5],
  duration_s: 7,
  started_at: new Date(1_700_000_030_000).toISOString(),
  attempt: 1,
  runner: "gpu-1",
  failure_code: "",
  failure_message: "",
  ...changes,
});

const at = (frame, i) => Object.fromEntries(frame.columns().map((column) => [column.id, column.values[i]]));

test("a frame has a column for each quantity, in a fixed order", () => {
  const frame = Frame.from(json());
  assert.deepEqual(
    frame.columns().map(({ id, kind, log }) => [id, kind, log]),
    [
      ["number", "number", false],
      ["state", "choice", false],
      ["value:0", "number", false],
      ["param:learning_rate", "number", true],
      ["param:optim", "choice", false],
      ["param:batch", "choice", false],
      ["duration", "time", false],
      ["started", "time", false],
      ["runner", "choice", false],
    ],
  );
  assert.equal(frame.size, 3);
  assert.deepEqual(frame.column("param:batch").choices, ["8", "none", "false"]);
  assert.equal(frame.state(2), "pruned");
  assert.deepEqual([...frame.reported], [[3, 0.9]]);
  assert.throws(() => frame.column("param:nothing"), RangeError);
});

test("numbers find their place, with holes and without", () => {
  const frame = Frame.from(json());
  assert.deepEqual(
    [0, 1, 2, 3, 4, -1].map((number) => frame.indexOf(number)),
    [0, 1, -1, 2, -1, -1],
  );
  frame.update([row(2)]);
  assert.deepEqual(frame.numbers, [0, 1, 2, 3]);
  assert.deepEqual(
    [2, 3, 4].map((number) => frame.indexOf(number)),
    [2, 3, -1],
  );
});

test("a row changes its trial in every column, and no other", () => {
  const frame = Frame.from(json());
  frame.update([row(1)], 20);
  assert.equal(frame.position, 20);
  assert.deepEqual(at(frame, 1), {
    number: 1,
    state: 2,
    "value:0": 0.5,
    "param:learning_rate": 3e-4,
    "param:optim": 1,
    "param:batch": 0,
    duration: 7,
    started: 30,
    runner: 0,
  });
  assert.equal(frame.column("value:0").values[0], 0.61);
  frame.update([row(4, { value: "nan", values: ["nan"], runner: "gpu-2" })], 19);
  assert.equal(frame.position, 20);
  assert.equal(frame.column("value:0").values[3], null);
  assert.deepEqual(frame.column("runner").choices, ["gpu-1", "gpu-2"]);
});

test("new choices, new parameters, and words among numbers", () => {
  const frame = Frame.from(json());
  frame.update([row(1, { params: { learning_rate: "auto", optim: "lion", warm: 3 } })]);
  assert.deepEqual(frame.column("param:optim").choices, ["adamw_torch", "adafactor", "lion"]);
  assert.equal(frame.words(frame.column("param:optim"), 1), "lion");
  const rate = frame.column("param:learning_rate");
  assert.deepEqual([rate.kind, rate.log, rate.choices, rate.values], ["choice", false, ["0.0001", "0.0002", "auto"], [0, 2, null]]);
  assert.deepEqual(frame.column("param:warm").values, [null, 3, null]);
  assert.equal(frame.columns().at(-1)?.id, "runner");
});

test("a trial that completes has its value, not its last report", () => {
  const frame = Frame.from(json());
  frame.update([row(3)]);
  assert.deepEqual([...frame.reported], []);
  frame.update([row(5, { state: "pruned", values: [], value: null, intermediate: [[1, 0.1, 0.8]] })]);
  assert.deepEqual([...frame.reported], [[5, 0.8]]);
});
