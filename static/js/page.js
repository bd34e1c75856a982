// What every page does: the navigation on narrow screens, menus, dialogs, copying, and parts that refresh themselves.

const navigation = document.getElementById("app-nav");
document.querySelector(".app-nav-toggle")?.addEventListener("click", (event) => {
  const open = navigation.classList.toggle("is-open");
  event.currentTarget.setAttribute("aria-expanded", String(open));
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  const target = event.target;
  closeMenus(target.closest("details.menu"));
  const opener = target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const dialog = target.closest("dialog");
  // A click on the backdrop has the dialog itself as its target.
  if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
  const copier = target.closest("[data-copy]");
  if (copier) copy(copier);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

async function copy(button) {
  const text = document.getElementById(button.dataset.copy)?.textContent ?? "";
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

document.querySelector("[data-autofocus]")?.focus();

// <div id="x" data-refresh="5">: its content is fetched anew with the page every 5 seconds while the page is seen.
for (const part of document.querySelectorAll("[data-refresh][id]")) {
  setInterval(() => refresh(part), Number(part.dataset.refresh) * 1000);
}

async function refresh(part) {
  if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]")) return;
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
