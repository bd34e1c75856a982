// Parts of a page that only the server can write: fetched anew with the page, put in the place of what stood there.

/** An element with an id. What a person is using is left alone. @param {HTMLElement} part */
export async function refresh(part) {
  if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open], input:checked")) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  } catch {
    // The server is away; what stands here stays until it is back.
  }
}
