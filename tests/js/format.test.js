import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { formatDuration, formatMetric, formatNumber, formatSize, toNumber } from "../../static/js/format.js";

const cases = JSON.parse(readFileSync(new URL("format_cases.json", import.meta.url), "utf8"));
const formats = { number: formatNumber, metric: formatMetric, duration: formatDuration, size: formatSize };

for (const [name, format] of Object.entries(formats)) {
  test(`${name} is written as on the server`, () => {
    for (const [value, text] of cases[name]) assert.equal(format(value), text, `${name} ${value}`);
  });
}

test("numbers that JSON has no form for", () => {
  assert.equal(toNumber("inf"), Infinity);
  assert.equal(toNumber("-inf"), -Infinity);
  assert.ok(Number.isNaN(toNumber("nan")));
  assert.ok(Number.isNaN(toNumber(null)));
});
