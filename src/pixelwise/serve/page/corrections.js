/** The corrected labels become training data on the server. */

import { find, say } from "./dom.js";
import { indexPng } from "./downloads.js";
import { PAINTING } from "./session.js";

const HOW = {
  brush: "Choose a class and paint over the mistake. [ and ] change the size.",
  eraser: "Paint to bring back what was predicted.",
  polygon: "Click corner after corner; the first one, or Enter, closes it.",
  fill: "Click a region to give all of it the chosen class.",
};
const OFF =
  "This server does not keep corrections, but you can download them. Started with --corrections FOLDER, it would.";
const OVERLAPPING = "Corrections cannot be kept: classes of this model may overlap, and a mask has one a pixel.";

export function corrections(session, api, tools) {
  const button = find("#save"), note = find("#save-note");
  const refresh = () => {
    const { current, model, tool } = session, can = model?.corrections === true;
    const painting = PAINTING.includes(tool);
    find("#correct").hidden = !painting && !current?.corrected;
    find("#how").textContent = HOW[tool] ?? "";
    find("#size-row").hidden = !["brush", "eraser"].includes(tool);
    find("#undo").disabled = !current?.history.done.length && !tools.view.sketch.length;
    find("#redo").disabled = !current?.history.undone.length;
    button.disabled = !can || !current?.labels || current.saving || (!current.unsaved && current.savedAt !== null);
    note.textContent = can || !model ? "" : model.exclusive || model.classes.length === 1 ? OFF : OVERLAPPING;
  };
  session.on("items current look pixels model sketch", refresh);
  session.on("sketch", (corners) => (find("#close-polygon").hidden = corners < 3));
  find("#undo").addEventListener("click", () => tools.undo());
  find("#redo").addEventListener("click", () => tools.redo());
  find("#close-polygon").addEventListener("click", () => tools.close());
  button.addEventListener("click", () => save(session, api));
  addEventListener("beforeunload", (event) => {
    if (session.items.some((item) => item.unsaved)) event.preventDefault();
  });
}

/** Save the current image with its labels as they are now. */
export async function save(session, api) {
  const item = session.current, { model } = session, { mark } = item.history;
  if (find("#save").disabled) return;
  item.saving = true;
  session.tell("items");
  try {
    const labels = await indexPng(session, item.labels);
    const { images } = await api.save(model, item.file, labels, item.name);
    item.savedAt = mark;
    say(`${item.name} is saved as training data.`);
    tell(images);
  } catch (error) {
    say(`Not saved: ${error.message}`);
  }
  item.saving = false;
  session.tell("items");
}

function tell(images) {
  const box = find("#saved"), [words, command] = box.children;
  box.hidden = false;
  const number = images === 1 ? "1 corrected image is" : `${images} corrected images are`;
  words.textContent = `${number} saved. Train with the folder they are in:`;
  command.textContent = "pixelwise train --data FOLDER";
}
