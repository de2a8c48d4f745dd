/** What one takes home: class numbers as PNG, the picture as one sees it, outlines as GeoJSON. */

import { all, say } from "./dom.js";
import { Overlay, lookup } from "./overlay.js";
import { photographsOf } from "./photograph.js";
import { work } from "./work.js";

export function downloads(session, api) {
  const kinds = {
    index: async (item) => [await indexPng(session, item.labels), "_classes.png"],
    overlay: async (item) => [await picture(session, item), "_overlay.png"],
    outlines: async (item) => [await outlines(session, item, api), ".geojson"],
  };
  for (const button of all("[data-download]"))
    button.addEventListener("click", async () => {
      const item = session.current;
      button.disabled = true;
      try {
        const [blob, ending] = await kinds[button.dataset.download](item);
        keep(blob, item.name.replace(/\.[^.]*$/, "") + ending);
      } catch (error) {
        say(`That did not work: ${error.message}`);
      }
      refresh(session);
    });
  session.on("items current pixels", () => refresh(session));
}

function refresh(session) {
  for (const button of all("[data-download]")) button.disabled = !session.current?.labels;
}

/** The class number of each pixel as a PNG, with the colours of the classes as its palette. */
export async function indexPng(session, { pixels, rows, columns }) {
  const palette = new Uint8Array(768), copy = pixels.slice();
  for (let index = 0; index < 256; index++) palette.set(session.colourOf(index), 3 * index);
  const { bytes } = await work("encode", { pixels: copy, rows, columns, palette }, [copy.buffer]);
  return new Blob([bytes], { type: "image/png" });
}

async function picture(session, item) {
  const { rows, columns } = item.labels, [photograph] = await photographsOf(item.file);
  const canvas = new OffscreenCanvas(columns, rows), context = canvas.getContext("2d");
  if (photograph) context.drawImage(photograph.bitmap, 0, 0, columns, rows);
  photograph?.bitmap.close();
  context.globalAlpha = session.opacity;
  new Overlay(item.labels, lookup(session)).drawWhole(context);
  return canvas.convertToBlob({ type: "image/png" });
}

/**
 * The server's outlines, which know where on Earth a GeoTIFF lies. Ours, in pixels, after corrections, and
 * where the server tells none because they are too many.
 */
async function outlines(session, item, api) {
  const { pixels, rows, columns } = item.labels, { classes } = session.model;
  const told = item.corrected ? null : await api.outlines(session.model, item.file);
  if (told) return geojson(JSON.stringify(told));
  const copy = pixels.slice();
  return geojson((await work("trace", { pixels: copy, rows, columns, classes }, [copy.buffer])).text);
}

function geojson(text) {
  return new Blob([text], { type: "application/geo+json" });
}

function keep(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
