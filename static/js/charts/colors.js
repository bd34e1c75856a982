// The scale of colours from the worst to the best, from the page's tokens.
import { color } from "../theme.js";
import { GRADES } from "./grades.js";

export { palette } from "./canvas.js";

const STOPS = 8;

/** One colour per grade, the worst first. @returns {string[]} */
export function gradeColors() {
  const stops = Array.from({ length: STOPS }, (_, stop) => parts(color(`--chart-scale-${stop}`)));
  return Array.from({ length: GRADES }, (_, grade) => {
    const at = (grade / (GRADES - 1)) * (STOPS - 1);
    const low = stops[Math.floor(at)];
    const high = stops[Math.ceil(at)];
    const mixed = low.map((part, place) => Math.round(part + (high[place] - part) * (at - Math.floor(at))));
    return `rgb(${mixed.join(", ")})`;
  });
}

/** @param {string} painted as getComputedStyle tells it: "rgb(11, 106, 117)" */
function parts(painted) {
  return (painted.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}
