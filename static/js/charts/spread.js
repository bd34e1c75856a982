// Points that would lie on one another, side by side. Pure.

/** @import {Scale} from "./scale.js" */

/** Of a choice's share of the axis, points take so much. */
const SHARE = 0.6;

/** Places along an axis; those of choices are spread within their choice, each trial always alike. @param {Scale} scale @param {(number|null)[]} values @param {number[]} numbers */
export function jittered(scale, values, numbers) {
  const places = scale.places(values);
  if (!scale.choices?.length) return places;
  const room = SHARE / scale.choices.length;
  return places.map((place, i) => place + (golden(numbers[i]) - 0.5) * room);
}

/** Evenly spread in 0 to 1 for numbers in a row. @param {number} number */
function golden(number) {
  return (number * 0.618_033_988_75) % 1;
}
