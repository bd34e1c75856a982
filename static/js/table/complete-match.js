// What may stand at a place of a filter. Pure, so that it can be tested without a page.

const WORD = /[^\W\d][\w.:/-]*$/u;
const OPEN_NAME = /`[^`]*$/u;
const BEFORE_VALUE =
  /(`[^`]+`|[^\W\d][\w.:/-]*)\s*(?:=|!=|<>|==|(?:not\s+)?contains\s|(?:not\s+)?in\s*\((?:[^()]*,)?|(?:not\s+)?in\s)\s*$/iu;
const AFTER_WHOLE = /(?:[\w")`]|\d)\s+$/u;
const JOINS = ["and", "or"];
const SIGNS = ["=", "!=", "<", ">", "in (", "contains"];

/**
 * @param {string} text of the field
 * @param {number} caret
 * @param {Record<string, string[]>} columns name → the words it can be
 * @returns {{from: number, words: string[]}} `from`: where the word begins that is to be replaced up to the caret
 */
export function completions(text, caret, columns) {
  const before = text.slice(0, caret);
  if ((before.match(/"/g) ?? []).length % 2) return { from: caret, words: [] };
  const open = (before.match(/`/g) ?? []).length % 2 === 1;
  const typed = (open ? OPEN_NAME : WORD).exec(before)?.[0] ?? "";
  const from = caret - typed.length;
  const head = before.slice(0, from);
  const value = BEFORE_VALUE.exec(head);
  const names = Object.keys(columns);
  if (value) {
    const name = names.find((each) => each.toLowerCase() === value[1].toLowerCase());
    return { from, words: matching(name ? [...columns[name], "none"] : [], typed) };
  }
  const last = /(?:^|[\s(])(`[^`]+`|[^\W\d][\w.:/-]*)\s+$/u.exec(head)?.[1] ?? "";
  if (names.includes(last) && typed.length < 3) return { from, words: matching([...SIGNS, ...JOINS], typed) };
  if (AFTER_WHOLE.test(head) && !/(?:^|\s|\()(?:and|or|not)\s+$/iu.test(head)) return { from, words: matching(JOINS, typed) };
  return { from, words: matching([...names, "not"], typed) };
}

/** Words that begin with what is typed, then those that have it inside. @param {string[]} words @param {string} typed */
function matching(words, typed) {
  const low = typed.toLowerCase();
  const begins = words.filter((word) => word.toLowerCase().startsWith(low) && word.toLowerCase() !== low);
  const inside = low ? words.filter((word) => !begins.includes(word) && word.toLowerCase().slice(1).includes(low)) : [];
  return [...begins, ...inside].slice(0, 12);
}
