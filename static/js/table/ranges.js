// Numbers of trials as text: `0-99,105`. Pure.

/** @param {Iterable<number>} numbers */
export function toRanges(numbers) {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const pieces = [];
  for (let first = 0; first < sorted.length; ) {
    let last = first;
    while (sorted[last + 1] === sorted[last] + 1) last += 1;
    pieces.push(first === last ? `${sorted[first]}` : `${sorted[first]}-${sorted[last]}`);
    first = last + 1;
  }
  return pieces.join(",");
}

/** The same as a filter: `number in (0..99, 105)`. @param {Iterable<number>} numbers */
export function toFilter(numbers) {
  return `number in (${toRanges(numbers).replaceAll("-", "..").replaceAll(",", ", ")})`;
}
