/** Images come in by dropping, by pasting, by choosing files, or from the camera. */

import { all, find, say } from "./dom.js";
import { Item } from "./session.js";

let pasted = 0;

export function intake(session, labelling) {
  const take = (files) => {
    if (!files.length) return;
    session.add(files.map((file) => new Item(file, file.name || "image")));
    labelling.go();
  };
  byChoosing(take);
  byDropping(take);
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    take(files.map((file) => new File([file], nameOf(file), { type: file.type })));
    if (!files.length && event.target.tagName !== "INPUT") say("There is no image in the clipboard.");
  });
}

/** What is copied out of a picture has no name of its own. */
function nameOf(file) {
  return file.name && file.name !== "image.png" ? file.name : `pasted ${++pasted}.png`;
}

function byChoosing(take) {
  for (const button of all("[data-choose]"))
    button.addEventListener("click", () => find(`#${button.dataset.choose}`).click());
  for (const input of [find("#files"), find("#camera")])
    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = ""; // so that the same file can be chosen again
    });
}

function byDropping(take) {
  let depth = 0; // of elements that the pointer has entered and not left
  const mark = (change) => {
    depth = Math.max(0, change === 0 ? 0 : depth + change);
    document.body.classList.toggle("dropping", depth > 0);
  };
  const files = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => files(event) && mark(1));
  addEventListener("dragleave", (event) => files(event) && mark(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(0);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
