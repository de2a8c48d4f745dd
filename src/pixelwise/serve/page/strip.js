/** The images in a row, and how far each is. */

import { find, make } from "./dom.js";
import { lookup } from "./overlay.js";
import { thumbnailOf } from "./photograph.js";

const TALL = 128; // pixels of a thumbnail, twice what is shown
const STATES = { waiting: "waiting", working: "being labelled", done: "labelled", error: "could not be labelled" };

export function strip(session) {
  const list = find("#images"), shown = new Map(); // item to its entry
  session.on("items", () => {
    for (const [item, entry] of shown)
      if (!session.items.includes(item)) {
        entry.remove();
        shown.delete(item);
      }
    for (const item of session.items) {
      if (!shown.has(item)) shown.set(item, entryOf(session, item, list));
      refresh(session, item, shown.get(item));
    }
    document.body.classList.toggle("empty", session.items.length === 0);
  });
  session.on("current", () => shown.get(session.current)?.scrollIntoView({ block: "nearest", inline: "nearest" }));
}

function entryOf(session, item, list) {
  const name = make("span", { className: "name", textContent: item.name });
  const choose = make("button", { type: "button", className: "thumb" }, name);
  const remove = make("button", { type: "button", className: "remove", textContent: "×" });
  remove.setAttribute("aria-label", `Remove ${item.name}`);
  choose.addEventListener("click", () => session.select(item));
  remove.addEventListener("click", () => leave(session, item));
  const entry = make("li", {}, choose, remove);
  list.append(entry);
  thumbnailOf(item.file, TALL).then((canvas) => {
    if (!canvas) return;
    choose.prepend(canvas);
    const plain = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    Object.assign(entry, { canvas, plain });
    refresh(session, item, entry);
  });
  return entry;
}

/** Remove an image; corrections that are not saved are asked about. */
export function leave(session, item) {
  if (item.unsaved && !confirm(`The corrections of ${item.name} are not saved. Remove it all the same?`)) return;
  session.remove(item);
}

function refresh(session, item, entry) {
  const [choose] = entry.children;
  entry.className = `${item.state}${item.unsaved ? " unsaved" : ""}`;
  const state = item.unsaved ? "corrected, not saved" : STATES[item.state];
  choose.setAttribute("aria-label", `${item.name}, ${state}`);
  choose.setAttribute("aria-current", String(item === session.current));
  choose.title = `${item.name}: ${item.note || state}`;
  if (entry.canvas && (entry.labels !== item.labels || entry.mark !== item.history.mark)) {
    Object.assign(entry, { labels: item.labels, mark: item.history.mark });
    tint(session, item.labels, entry);
  }
}

/** The classes over the thumbnail. */
function tint(session, labels, { canvas, plain }) {
  const context = canvas.getContext("2d"), { width, height } = canvas;
  context.putImageData(plain, 0, 0);
  if (!labels) return;
  const image = new ImageData(width, height), out = new Uint32Array(image.data.buffer), colours = lookup(session);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * labels.rows) / height) * labels.columns;
    for (let x = 0; x < width; x++)
      out[y * width + x] = colours[labels.pixels[row + Math.floor(((x + 0.5) * labels.columns) / width)]];
  }
  const layer = new OffscreenCanvas(width, height);
  layer.getContext("2d").putImageData(image, 0, 0);
  context.globalAlpha = 0.55;
  context.drawImage(layer, 0, 0);
}
