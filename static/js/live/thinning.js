// Fewer points of a curve, the least and the greatest of each stretch kept, as sweeps/queries/thinning.py does it.
import { toNumber } from "../format.js";

/** @import {Curve} from "./types.js" */

/** At most `most` points of a curve, first and last among them. @param {Curve} curve @param {number} most @returns {Curve} */
export function thinned(curve, most) {
  const last = curve.value.length - 1;
  if (last < most) return curve;
  const stretches = Math.floor((most - 2) / 2);
  const kept = new Set([0]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const begin = 1 + Math.floor((stretch * (last - 1)) / stretches);
    const end = 1 + Math.floor(((stretch + 1) * (last - 1)) / stretches);
    let least = begin;
    let greatest = begin;
    for (let i = begin; i < end; i += 1) {
      const value = toNumber(curve.value[i]);
      if (!Number.isFinite(value)) continue;
      if (!(toNumber(curve.value[least]) <= value)) least = i;
      if (!(toNumber(curve.value[greatest]) >= value)) greatest = i;
    }
    for (const place of [Math.min(least, greatest), Math.max(least, greatest)]) kept.add(place);
  }
  kept.add(last);
  const places = [...kept];
  return {
    step: places.map((i) => curve.step[i]),
    epoch: places.map((i) => curve.epoch[i]),
    t: places.map((i) => curve.t[i]),
    value: places.map((i) => curve.value[i]),
  };
}
