// The page of a new data set: a chosen or dropped file is sent at once, then the mapping page opens.

import { shownUpload } from "./upload.js";

const form = document.querySelector("form[data-upload]");
if (form) {
  form.classList.add("has-script");
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const box = form.querySelector("[data-upload-progress]");

  async function send(file) {
    input.disabled = true;
    const id = await shownUpload(file, box, { url: form.dataset.upload, token: form.elements.csrfmiddlewaretoken.value });
    if (id) location.assign(form.dataset.next.replace("/ID/", `/${id}/`));
    input.disabled = false;
    input.value = "";
  }

  input.addEventListener("change", () => {
    if (input.files.length) send(input.files[0]);
  });
  for (const name of ["dragover", "dragleave", "drop"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length && !input.disabled) send(event.dataTransfer.files[0]);
    });
}
