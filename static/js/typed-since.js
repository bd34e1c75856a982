// What a person types while a form is on its way to the server and back, carried over into the form that comes back.

/**
 * A control's value as one text: of a checkbox or radio whether it is on, of a list the chosen ones.
 * @param {any} control
 */
function stateOf(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked ? "on" : "";
  if (control.type === "select-multiple") return [...control.selectedOptions].map((option) => option.value).join("\n");
  return control.value;
}

// Buttons and boxes of one name are told apart by their values.
const key = (control) => (["radio", "checkbox"].includes(control.type) ? `${control.name}=${control.value}` : control.name);
const kept = (control) => Boolean(control.name) && !["hidden", "file", "submit", "button"].includes(control.type);

/**
 * The values of a form's controls by name, as they are sent.
 * @param {Iterable<any>} controls
 * @returns {Map<string, string>}
 */
export function values(controls) {
  return new Map([...controls].filter(kept).map((control) => [key(control), stateOf(control)]));
}

/**
 * Put what has changed since `sent` into the controls of the same name that came back.
 * @param {Map<string, string>} sent
 * @param {Iterable<any>} now  the controls that go
 * @param {Iterable<any>} fresh  the controls that come
 * @param {(name: string) => boolean} same  whether a name still means the same control
 */
export function carry(sent, now, fresh, same = () => true) {
  const changed = new Map([...now].filter((control) => kept(control) && same(control.name)).map((control) => [key(control), control]));
  for (const [name, control] of changed) if (sent.get(name) === stateOf(control)) changed.delete(name);
  for (const control of fresh) {
    const from = kept(control) && changed.get(key(control));
    if (!from || from.type !== control.type) continue;
    if (control.type === "checkbox" || control.type === "radio") control.checked = from.checked;
    else if (control.type === "select-multiple") {
      const chosen = new Set([...from.selectedOptions].map((option) => option.value));
      for (const option of control.options) option.selected = chosen.has(option.value);
    } else if (control.type !== "select-one" || [...control.options].some((option) => option.value === from.value))
      control.value = from.value;
  }
}
