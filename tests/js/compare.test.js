// Compared trials as columns: names and addresses of their own, further columns beside those of a sweep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComparedFrame } from "../../static/js/compare/frame.js";

const json = {
  trials: [
    { sweep: "aB3x", number: 4, name: "One #4" },
    { sweep: "xY7z", number: 4, name: "Two #4" },
  ],
  frame: {
    position: 0,
    states: ["complete", "running"],
    number: [0, 1],
    state: [0, 1],
    objectives: [{ name: "eval_loss", direction: "minimize", values: [0.5, null] }],
    params: [{ name: "optim", kind: "choice", log: false, choices: ["sgd"], values: [0, null] }],
    duration: [1, null],
    started: [null, null],
    start: null,
    runners: [],
    runner: [null, null],
    version: [1, 1],
  },
  more: [{ id: "more:sweep", label: "Sweep", choices: ["One", "Two"], values: [0, 1] }],
  metrics: ["eval_loss"],
};

test("trials of two sweeps with one number are told apart", () => {
  const frame = new ComparedFrame(json, "/sweeps/");
  assert.equal(frame.title(1), "Two #4");
  assert.equal(frame.name(0), "aB3x:4");
  assert.equal(frame.address(1), "/sweeps/xY7z/trials/4/");
  assert.equal(frame.state(1), "running");
});

test("further columns stand behind the others and are found by id", () => {
  const frame = new ComparedFrame(json, "/sweeps/");
  assert.deepEqual(
    frame.columns().map(({ id }) => id),
    ["number", "state", "value:0", "param:optim", "duration", "started", "runner", "more:sweep"],
  );
  assert.equal(frame.words(frame.column("more:sweep"), 1), "Two");
  assert.ok(frame.has("more:sweep") && !frame.has("more:other"));
});
