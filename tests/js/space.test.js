import assert from "node:assert/strict";
import test from "node:test";
import { matching } from "../../static/js/picker-match.js";
import { plainErrors } from "../../static/js/space-rules.js";

const ROW = { name: "learning_rate", type: "float", low: "1e-5", high: "1e-3", log: false, step: "" };

test("a row that may still become right has no error", () => {
  for (const change of [
    {},
    { low: "" },
    { type: "categorical", low: "x" },
    { log: true },
    { type: "int", low: "1", high: "8", log: true, step: "1" },
  ]) {
    assert.deepEqual(plainErrors({ ...ROW, ...change }, []), {});
  }
});

test("what is surely wrong is said at its column", () => {
  const cases = [
    [{ low: "abc" }, "low", "low must be a number."],
    [{ low: "0", log: true }, "low", "A log scale needs low above 0, not 0."],
    [{ low: "1" }, "high", "high 0.001 is below low 1: swap them."],
    [{ step: "-1" }, "step", "step must be above 0."],
    [{ step: "0.1", log: true }, "step", "A log scale takes no step: clear one of the two."],
    [{ type: "int", low: "1.5", high: "4" }, "low", "low must be a whole number in an int row."],
  ];
  for (const [change, column, sentence] of cases) assert.deepEqual(plainErrors({ ...ROW, ...change }, []), { [column]: sentence });
  assert.match(plainErrors(ROW, ["learning_rate"]).name, /stands in a row above/);
});

test("entries whose name has the words come first", () => {
  const entries = [
    { name: "seed", help: "Seeds dropout.", group: "Training arguments" },
    { name: "model.hidden_dropout_prob", help: "", group: "Model config" },
    { name: "optim", help: "The optimizer.", group: "Training arguments" },
  ];
  const names = (text) => matching(entries, text).map((entry) => entry.name);
  assert.deepEqual(names("dropout"), ["model.hidden_dropout_prob", "seed"]);
  assert.deepEqual(names("hidden dropout"), ["model.hidden_dropout_prob"]);
  assert.deepEqual(names("model config"), ["model.hidden_dropout_prob"]);
  assert.equal(names("").length, 3);
});
