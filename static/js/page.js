// What every page does: the navigation on narrow screens, menus, dialogs, copying, and parts that refresh themselves.
import { refresh } from "./part.js";

const navigation = document.getElementById("app-nav");
const toggle = document.querySelector(".app-nav-toggle");
toggle?.addEventListener("click", () => {
  toggle.setAttribute("aria-expanded", String(navigation?.classList.toggle("is-open")));
});

/** @returns {NodeListOf<HTMLDetailsElement>} */
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const within = target.closest("details.menu");
  for (const menu of openMenus()) if (menu !== within) menu.open = false;
  const opener = /** @type {HTMLElement|null} */ (target.closest("[data-dialog]"));
  if (opener) /** @type {HTMLDialogElement|null} */ (document.getElementById(opener.dataset.dialog ?? ""))?.showModal();
  const dialog = target.closest("dialog");
  // A click on the backdrop has the dialog itself as its target.
  if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
  const copier = /** @type {HTMLElement|null} */ (target.closest("[data-copy]"));
  if (copier) copy(copier);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/** Copy the text of the element that the button names. @param {HTMLElement} button */
async function copy(button) {
  const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
  const word = button.querySelector("[data-copy-word]") ?? button;
  const before = word.textContent;
  try {
    await navigator.clipboard.writeText(text);
    word.textContent = "Copied";
  } catch {
    word.textContent = "Not allowed";
  }
  setTimeout(() => {
    word.textContent = before;
  }, 1500);
}

/** @type {HTMLElement|null} */ (document.querySelector("[data-autofocus]"))?.focus();

// <div id="x" data-refresh="5">: its content is fetched anew with the page every 5 seconds while the page is seen.
/** @type {NodeListOf<HTMLElement>} */
const parts = document.querySelectorAll("[data-refresh][id]");
for (const part of parts) setInterval(() => refresh(part), Number(part.dataset.refresh) * 1000);
