// Which entries a search text means. Kept apart from the page, so that it can be tested without one.

/** Whether every word of `text` stands in the entry's name, help or group; a name may be typed without underscores. */
export function option(entry, text) {
  const hay = `${entry.name} ${entry.name.replaceAll("_", " ")} ${entry.help} ${entry.group}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
