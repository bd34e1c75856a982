import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection } from "../../static/js/live/selection.js";

function heard(selection) {
  const events = [];
  for (const name of ["hover", "choose"]) selection.addEventListener(name, () => events.push(name));
  return events;
}

test("an event tells a change, and nothing else", () => {
  const selection = new Selection();
  const events = heard(selection);
  selection.hover(3);
  selection.hover(3);
  selection.hover(null);
  assert.deepEqual(events, ["hover", "hover"]);
  selection.choose([1, 2]);
  selection.choose(new Set([2, 1]));
  selection.choose(null);
  selection.choose(null);
  assert.deepEqual(events.slice(2), ["choose", "choose"]);
});

test("nothing brushed shows everything, an empty brush shows nothing", () => {
  const selection = new Selection();
  assert.equal(selection.shows(7), true);
  selection.choose([]);
  assert.equal(selection.shows(7), false);
  selection.choose([7, 8]);
  assert.equal(selection.shows(7), true);
  assert.equal(selection.shows(9), false);
});
