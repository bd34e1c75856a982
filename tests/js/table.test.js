import assert from "node:assert/strict";
import test from "node:test";
import { completions } from "../../static/js/table/complete-match.js";
import { toFilter, toRanges } from "../../static/js/table/ranges.js";

const COLUMNS = { number: [], state: ["complete", "fail"], learning_rate: [], optim: ["sgd", "adafactor"], "`odd name`": ["x"] };
const at = (text) => completions(text, text.length, COLUMNS).words;

test("numbers become ranges, in order and once", () => {
  assert.equal(toRanges([5, 1, 2, 3, 3, 9]), "1-3,5,9");
  assert.equal(toRanges([]), "");
  assert.equal(toFilter([0, 1, 7]), "number in (0..1, 7)");
});

test("names are completed where a condition begins", () => {
  assert.deepEqual(at("lear"), ["learning_rate"]);
  assert.deepEqual(at("starred and (opt"), ["optim"]);
  assert.deepEqual(at("rate"), ["learning_rate"]);
  assert.deepEqual(at("not nu"), ["number"]);
});

test("words are completed where a value stands", () => {
  assert.deepEqual(at("state = "), ["complete", "fail", "none"]);
  assert.deepEqual(at("optim in (sgd, ad"), ["adafactor"]);
  assert.deepEqual(at("optim not contains s"), ["sgd"]);
  assert.deepEqual(at("`odd name` = "), ["x", "none"]);
});

test("after a name come signs, after a condition and, or; within quotes nothing", () => {
  assert.deepEqual(at("learning_rate "), ["=", "!=", "<", ">", "in (", "contains", "and", "or"]);
  assert.deepEqual(at("learning_rate < 1 a"), ["and"]);
  assert.deepEqual(at('tag = "sta'), []);
});

test("what is replaced begins where the word does", () => {
  assert.equal(completions("state = com and x", 11, COLUMNS).from, 8);
});
