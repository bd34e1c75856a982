// The sweep's form: metrics, settings and options follow the parts that are chosen.

import { swapping } from "./form-swap.js";

swapping(document.querySelector("form[data-swap]"), {
  updates: "[name=model], [name=dataset_version], [name=space], [name=metric], [name=sampler], [name=pruner]",
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
