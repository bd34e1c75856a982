// The form of a data set of the Hub: the columns follow the task.

import { swapping } from "./form-swap.js";

swapping(document.querySelector("form[data-swap]"), { updates: "[name=task], [name=layout]" });
