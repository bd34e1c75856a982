// The mapping page: what a choice makes is shown at once; a second file is sent in chunks.

import { swapping } from "./form-swap.js";
import { shownUpload } from "./upload.js";

const form = document.querySelector("form[data-swap]");
if (form) {
  const { swap } = swapping(form, {
    updates: "select, input[type=checkbox], input[type=number]",
    swapped: adopt,
  });

  /** A file input that sends its file in chunks: without a name, the form does not send it whole as well. */
  function adopt() {
    const input = form.querySelector("input[type=file]");
    if (!input) return;
    input.removeAttribute("name");
    input.addEventListener("change", async () => {
      if (!input.files.length) return;
      const box = form.querySelector("[data-upload-progress]");
      const where = { url: form.dataset.upload, token: form.elements.csrfmiddlewaretoken.value };
      const id = await shownUpload(input.files[0], box, where);
      if (!id) return;
      form.elements.eval_upload.value = id;
      swap("update", null);
    });
  }

  adopt();
}
