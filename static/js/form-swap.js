// Forms whose fields follow the choices. The server decides which fields there are; this fetches them without a reload.
//
// <form data-swap="id">: a change of a control with data-update, or a click on <button name="act">, sends the form and
// replaces the element with that id by the one of the answer. Without JavaScript the same buttons reload the page.

/**
 * @param {HTMLFormElement} form
 * @param {{updates: string, swapped?: (part: HTMLElement) => void}} options `updates`: which controls' changes ask for a new part.
 */
export function swapping(form, { updates, swapped }) {
  let going = null;

  async function swap(act, button) {
    going?.abort();
    going = new AbortController();
    const body = new FormData(form);
    body.set("act", act);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body,
        headers: { Accept: "text/html" },
        signal: going.signal,
      });
      if (answer.redirected) {
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = document.getElementById(form.dataset.swap);
      const fresh = page.getElementById(form.dataset.swap);
      if (!fresh) throw new Error("The answer lacks the part.");
      const focus = focused(part);
      part.replaceWith(fresh);
      refocus(fresh, focus);
      swapped?.(fresh);
    } catch (error) {
      if (error.name === "AbortError") return;
      // Let the browser do what it would do without this script.
      if (button) {
        form.dataset.plain = "";
        form.requestSubmit(button);
      }
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("change", (event) => {
    if (event.target.matches(updates)) swap("update", null);
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name === "act" && !button.hasAttribute("data-leave") && !("plain" in form.dataset)) {
      event.preventDefault();
      swap(button.value, button);
    }
  });
  form.classList.add("has-script");
  return { swap };
}

/** Where the focus is, so that it can be put back after the part was replaced. */
function focused(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return null;
  return { id: active.id, name: active.name, value: active.tagName === "BUTTON" ? active.value : "", keep: active.dataset.keep ?? "" };
}

/** The server may name where to go on: data-focus. */
function refocus(fresh, focus) {
  const wanted = fresh.querySelector("[data-focus]");
  if (wanted) {
    wanted.focus();
    return;
  }
  if (!focus) return;
  const same =
    (focus.id && document.getElementById(focus.id)) ||
    (focus.name && fresh.querySelector(`[name="${CSS.escape(focus.name)}"]${focus.value ? `[value="${CSS.escape(focus.value)}"]` : ""}`));
  same?.focus();
}
