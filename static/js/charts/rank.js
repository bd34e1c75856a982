// Rank: every trial by two parameters, coloured by the rank of its value among all.
import { gradeColors } from "./colors.js";
import { graded } from "./grades.js";
import { Pair } from "./pair.js";

/** @import {Mounted, Mounting} from "./mounting.js" */

/** @param {HTMLElement} host @param {Mounting} mounting @returns {Mounted} */
export function mount(host, mounting) {
  const chart = new Rank(host, mounting, "Trials by two parameters, coloured by rank");
  chart.draw();
  return chart;
}

class Rank extends Pair {
  /** @override */
  painted() {
    const { values, direction } = this.aim();
    const count = values.filter((value) => value !== null).length;
    this.key.say(`rank ${count}`, "rank 1, the best");
    return { group: graded(values, direction, { byRank: true }).grade, colors: gradeColors() };
  }
}
