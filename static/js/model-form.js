// The model's form: the fields follow task, source, architecture and tokenizer.

import { swapping } from "./form-swap.js";

swapping(document.querySelector("form[data-swap]"), {
  updates: "[name=task], [name=source], [name=model_type], [name=processor]",
});
