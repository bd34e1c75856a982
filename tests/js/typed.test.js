import assert from "node:assert/strict";
import test from "node:test";

import { carry, values } from "../../static/js/typed-since.js";

const text = (name, value) => ({ name, type: "text", value });
const check = (name, checked) => ({ name, type: "checkbox", value: "on", checked });
const select = (name, value, ...choices) => ({
  name,
  type: "select-one",
  value,
  options: choices.map((choice) => ({ value: choice })),
});

test("what was typed meanwhile stays, what was sent follows the answer", () => {
  const now = [text("name", "tickets"), text("seed", "0"), check("log", false)];
  const sent = values(now);
  now[0].value = "Support tickets";
  now[2].checked = true;
  const fresh = [text("name", "tickets"), text("seed", "7"), check("log", false)];
  carry(sent, now, fresh);
  assert.deepEqual(
    fresh.map((control) => control.checked ?? control.value),
    ["Support tickets", "7", true],
  );
});

test("a choice that is gone is not carried over, nor a control of another row", () => {
  const now = [select("metric", "loss", "loss", "f1"), text("row-1-low", "1")];
  const sent = values(now);
  now[0].value = "f1";
  now[1].value = "5";
  const fresh = [select("metric", "loss", "loss", "mse"), text("row-1-low", "2")];
  carry(sent, now, fresh, (name) => !name.startsWith("row-"));
  assert.deepEqual(
    fresh.map((control) => control.value),
    ["loss", "2"],
  );
});
