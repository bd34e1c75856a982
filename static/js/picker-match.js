// Which entries a search text means. Kept apart from the page, so that it can be tested without one.

/**
 * The entries in which every word of `text` stands: first those that have all of them in their name, which may be typed
 * without underscores, then those that have them in help or group.
 * @template {{name: string, help: string, group: string}} Entry
 * @param {Entry[]} entries
 * @param {string} text
 * @returns {Entry[]}
 */
export function matching(entries, text) {
  const words = text.toLowerCase().split(/\s+/);
  const has = (hay) => words.every((word) => hay.toLowerCase().includes(word));
  const named = entries.filter((entry) => has(`${entry.name} ${entry.name.replaceAll("_", " ")}`));
  const told = entries.filter((entry) => !named.includes(entry) && has(`${entry.name} ${entry.help} ${entry.group}`));
  return [...named, ...told];
}
