// The theme: light, dark, or as the system has it. Chosen in the user's menu, kept by the server.

/** Read a CSS colour token as the browser paints it now, for canvases. Returns e.g. "rgb(11, 106, 117)". @param {string} token */
export function color(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  probe.hidden = true;
  document.body.append(probe);
  const painted = getComputedStyle(probe).color;
  probe.remove();
  return painted;
}

/** Call `listener` whenever the colours on the page change. @param {() => void} listener */
export function onThemeChange(listener) {
  document.addEventListener("hpweb:theme", listener);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}

/** @param {string} theme */
function show(theme) {
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-form] button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("value") === theme));
  }
  try {
    localStorage.setItem("hpweb-theme", theme);
  } catch {
    // Only the login page misses it.
  }
  document.dispatchEvent(new CustomEvent("hpweb:theme"));
}

// Paper is white: charts are drawn once more in the light colours, which they read from the page.
let shown = "";
addEventListener("beforeprint", () => {
  shown = document.documentElement.dataset.theme ?? "system";
  document.documentElement.dataset.theme = "light";
  document.dispatchEvent(new CustomEvent("hpweb:theme"));
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = shown || "system";
  document.dispatchEvent(new CustomEvent("hpweb:theme"));
});

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("[data-theme-form]");
for (const form of forms) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.getAttribute("value");
    if (!theme) return;
    event.preventDefault();
    show(theme);
    const body = new FormData(form);
    body.set("theme", theme);
    // Without the server the choice holds for this page, and is asked again on the next.
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  });
}
