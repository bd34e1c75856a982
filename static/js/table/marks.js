// Tags and stars, sent to the API.

/**
 * @param {Record<string, unknown>} marks `numbers` as ranges, and `add_tags`, `remove_tags` or `starred`
 * @returns {Promise<boolean>} whether it was done; if not, the page says why
 */
export async function send(marks) {
  const card = /** @type {HTMLElement} */ (document.getElementById("trials-card"));
  const token = /** @type {HTMLInputElement|null} */ (document.querySelector("#trials-bulk input[name=csrfmiddlewaretoken]"));
  const said = document.getElementById("trials-said");
  let words = "";
  try {
    const answer = await fetch(`${card.dataset.api}marks/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token?.value ?? "" },
      body: JSON.stringify(marks),
    });
    if (!answer.ok) {
      const refused = await answer.json();
      words = Object.values(refused.fields ?? {}).flat()[0] ?? refused.message;
    }
  } catch {
    words = "The server did not answer. Try again.";
  }
  if (said) said.textContent = words;
  return !words;
}
