// Forms whose fields follow the choices. The server decides which fields there are; this fetches them without a reload.
//
// <form data-swap="id">: a change of a control with data-update, or a click on <button name="act">, sends the form and
// replaces the element with that id by the one of the answer; what was typed meanwhile stays. Without JavaScript the same
// buttons reload the page.

import { carry, values } from "./typed-since.js";

// After rows were added, moved or removed, `row-2-low` is another row's control.
const NUMBERED = /-\d+-/;

/**
 * @param {HTMLFormElement} form
 * @param {{updates: string, swapped?: (part: HTMLElement) => void}} options `updates`: which controls' changes ask for a new part.
 */
export function swapping(form, { updates, swapped }) {
  let going = null;
  let pressed = false;
  addEventListener("pointerdown", () => {
    pressed = true;
  });
  for (const end of ["pointerup", "pointercancel"])
    addEventListener(end, () => {
      pressed = false;
    });

  async function swap(act, button) {
    going?.abort();
    going = new AbortController();
    const { signal } = going;
    const body = new FormData(form);
    const sent = values(form.elements);
    body.set("act", act);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body,
        headers: { Accept: "text/html" },
        signal,
      });
      if (answer.redirected) {
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // A button that is replaced between press and release would miss its click.
      while (pressed) await new Promise((resolve) => setTimeout(resolve, 30));
      if (signal.aborted) return;
      const part = document.getElementById(form.dataset.swap);
      const fresh = page.getElementById(form.dataset.swap);
      if (!fresh) throw new Error("The answer lacks the part.");
      const focus = focused(part);
      const controls = "input, select, textarea";
      const same = (name) => act === "update" || act.startsWith("propose:") || !NUMBERED.test(name);
      carry(sent, part.querySelectorAll(controls), fresh.querySelectorAll(controls), same);
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
      if (going?.signal === signal) form.removeAttribute("aria-busy");
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
    } else {
      // The form leaves as it is; an answer on its way comes too late.
      going?.abort();
    }
  });
  form.classList.add("has-script");
  return { swap };
}

/** Where the focus is, so that it can be put back after the part was replaced. */
function focused(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return null;
  return {
    id: active.id,
    name: active.name,
    value: active.tagName === "BUTTON" ? active.value : "",
    text: active.value,
    selection: [active.selectionStart ?? null, active.selectionEnd ?? null],
  };
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
  if (!same || focus.selection[0] === null) return;
  // A value that was filled in meanwhile is replaced by what is typed next.
  if (same.value === focus.text) same.setSelectionRange?.(...focus.selection);
  else same.select?.();
}
