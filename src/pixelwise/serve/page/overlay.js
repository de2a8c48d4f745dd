/** The classes of one image in their colours: tiles that are painted when they are looked at. */

import { NONE } from "./session.js";

const TILE = 512; // rows and columns; a brush stroke paints few of them anew
const BUDGET_MS = 10; // of a frame

/**
 * The colour of each of the 65,536 values a pixel can have, as the bytes A B G R of a little-endian number.
 * Classes that are not shown are clear. With `unsure`, colours and clear pixels turn black as confidence falls.
 */
export function lookup(session) {
  const colours = new Uint32Array(65536), number = Math.max(2, session.model.classes.length);
  for (let index = 0; index < 256; index++) {
    const shown = session.shown.has(index), [red, green, blue] = session.colourOf(index);
    for (let confidence = 1; confidence < 256; confidence++) {
      const certain = session.unsure && index !== NONE ? certainty(confidence / 255, number) : 1;
      const alpha = shown ? 255 : Math.round(255 * (1 - certain));
      const bytes = shown ? [blue, green, red].map((part) => Math.round(part * certain)) : [0, 0, 0];
      colours[(confidence << 8) | index] = ((alpha << 24) | (bytes[0] << 16) | (bytes[1] << 8) | bytes[2]) >>> 0;
    }
  }
  return colours;
}

/** 0 where the winner is no better than chance, 1 where it is certain; most of the scale is near certainty. */
function certainty(confidence, number) {
  return Math.max(0, (confidence - 1 / number) / (1 - 1 / number)) ** 1.5;
}

export class Overlay {
  constructor(labels, colours) {
    this.labels = labels;
    this.across = Math.ceil(labels.columns / TILE);
    this.tiles = new Map(); // number of the tile to its canvas
    this.stale = new Set();
    this.recolour(colours);
  }

  recolour(colours) {
    this.colours = colours;
    const number = this.across * Math.ceil(this.labels.rows / TILE);
    this.stale = new Set(Array.from({ length: number }, (_, tile) => tile));
  }

  /** These pixels have changed. */
  touch({ top, left, bottom, right }) {
    for (let row = Math.floor(top / TILE); row * TILE < bottom; row++)
      for (let column = Math.floor(left / TILE); column * TILE < right; column++)
        this.stale.add(row * this.across + column);
  }

  /**
   * Draw what can be seen.
   * @param place Gives the position on the canvas of a position (y, x) of the image.
   * @param seen The part of the image in view: {top, left, bottom, right}.
   * @returns Whether all of it is up to date; if not, draw again in the next frame.
   */
  draw(context, place, seen) {
    const started = performance.now(), { rows, columns } = this.labels;
    let whole = true;
    for (let top = Math.floor(seen.top / TILE) * TILE; top < seen.bottom; top += TILE)
      for (let left = Math.floor(seen.left / TILE) * TILE; left < seen.right; left += TILE) {
        const tile = (top / TILE) * this.across + left / TILE;
        if (this.stale.has(tile)) {
          if (performance.now() - started < BUDGET_MS) this.paint(tile, top, left);
          else whole = false;
        }
        const canvas = this.tiles.get(tile);
        if (!canvas) continue;
        const [y, x] = place(top, left);
        const [bottom, right] = place(Math.min(rows, top + TILE), Math.min(columns, left + TILE));
        context.drawImage(canvas, x, y, right - x, bottom - y);
      }
    return whole;
  }

  /** All of it at full size, for a picture to keep. */
  drawWhole(context) {
    const { rows, columns } = this.labels;
    for (let top = 0; top < rows; top += TILE)
      for (let left = 0; left < columns; left += TILE) {
        const tile = (top / TILE) * this.across + left / TILE;
        if (this.stale.has(tile)) this.paint(tile, top, left);
        context.drawImage(this.tiles.get(tile), left, top);
      }
  }

  paint(tile, top, left) {
    const { rows, columns, pixels } = this.labels, { colours } = this;
    const tall = Math.min(TILE, rows - top), wide = Math.min(TILE, columns - left);
    const canvas = this.tiles.get(tile) ?? new OffscreenCanvas(wide, tall);
    const image = new ImageData(wide, tall), out = new Uint32Array(image.data.buffer);
    for (let y = 0, to = 0; y < tall; y++) {
      const from = (top + y) * columns + left;
      for (let x = 0; x < wide; x++) out[to++] = colours[pixels[from + x]];
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    this.tiles.set(tile, canvas);
    this.stale.delete(tile);
  }
}
