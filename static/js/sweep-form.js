// The sweep's form: metrics, settings and options follow the parts that are chosen.

import { swapping } from "./form-swap.js";

swapping(document.querySelector("form[data-swap]"), {
  updates: "[data-update]",
});

// A link to a field inside a closed group opens it.
function open() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  target.closest("details")?.setAttribute("open", "");
  target.focus();
}
addEventListener("hashchange", open);
open();
