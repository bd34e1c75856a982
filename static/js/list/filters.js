// The filters of the list: a choice is asked for at once, and what is empty does not stand in the address.

const form = /** @type {HTMLFormElement|null} */ (document.getElementById("sweeps-filter"));

form?.addEventListener("change", (event) => {
  if (/** @type {Element} */ (event.target).matches("select")) form.requestSubmit();
});
form?.addEventListener("submit", () => {
  for (const field of form.elements) {
    const input = /** @type {HTMLInputElement|HTMLSelectElement} */ (field);
    if (input.name && !input.value) input.disabled = true;
  }
});
// Back in the browser's history the page may come from its cache, with the fields as they were left.
addEventListener("pageshow", () => {
  for (const field of form?.elements ?? []) /** @type {HTMLInputElement} */ (field).disabled = false;
});

export {};
