// The page of a comparison: n and p move through the rows that differ.
import { followDifferences } from "./differences.js";

followDifferences(/** @type {HTMLTableElement} */ (document.getElementById("compare")));
