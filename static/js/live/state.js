// A state by word, icon and colour, as templates/partials/state.html draws it.

/** @param {HTMLElement|null} element a `.state` @param {string} state */
export function showState(element, state) {
  if (!element || element.dataset.state === state) return;
  element.dataset.state = state;
  element.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset.icons}#state-${state}`);
  const word = element.querySelector(".state-word");
  if (word) word.textContent = state === "fail" ? "failed" : state;
}
