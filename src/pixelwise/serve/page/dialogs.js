/** The two dialogs: the server's key, and the keys of the keyboard. */

import { find, make } from "./dom.js";

/** Ask for the key of the server: the key, or null when the person would rather not. */
export function askKey() {
  const dialog = find("#key-dialog"), field = find("#key");
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = () => resolve(dialog.returnValue === "give" ? field.value : null);
    dialog.addEventListener("close", answer, { once: true });
  });
}

/** Show what the keys do: pairs of keys and words. */
export function showKeys(pairs) {
  const rows = pairs.map(([keys, words]) => {
    const pressed = make("dt", {}, ...keys.map((key) => make("kbd", { textContent: key })));
    return make("div", {}, pressed, make("dd", { textContent: words }));
  });
  find("#keys").replaceChildren(...rows);
  find("#keys-dialog").showModal();
}
