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
    Object.assign(this, { labels, colours, layers: new Map() });
  }

  recolour(colours) {
    this.colours = colours;
    for (const layer of this.layers.values()) layer.spoil();
  }

  /** These pixels have changed. */
  touch(box) {
    for (const layer of this.layers.values()) layer.touch(box);
  }

  /**
   * Draw what can be seen.
   * @param scale Pixels of the canvas for one of the image; from afar only every second, fourth ... is painted.
   * @param place Gives the position on the canvas of a position (y, x) of the image.
   * @param seen The part of the image in view: {top, left, bottom, right}.
   * @param budget_ms How long tiles may be painted.
   * @returns Whether all of it is up to date; if not, draw again in the next frame.
   */
  draw(context, scale, place, seen, budget_ms = BUDGET_MS) {
    const step = 2 ** Math.max(0, Math.floor(Math.log2(1 / scale)));
    if (!this.layers.has(step)) this.layers.set(step, new Layer(this.labels, step));
    return this.layers.get(step).draw(context, this.colours, place, seen, budget_ms);
  }

  /** All of it at full size, for a picture to keep. */
  drawWhole(context) {
    const seen = { top: 0, left: 0, bottom: this.labels.rows, right: this.labels.columns };
    this.draw(context, 1, (y, x) => [y, x], seen, Infinity);
  }
}

/** The tiles of one step: with step 4, each pixel of a tile shows one of 4 × 4 of the image. */
class Layer {
  constructor(labels, step) {
    Object.assign(this, { labels, step, side: TILE * step, tiles: new Map() });
    this.across = Math.ceil(labels.columns / this.side);
    this.spoil();
  }

  spoil() {
    const number = this.across * Math.ceil(this.labels.rows / this.side);
    this.stale = new Set(Array.from({ length: number }, (_, tile) => tile));
  }

  touch({ top, left, bottom, right }) {
    const { side } = this;
    for (let row = Math.floor(top / side); row * side < bottom; row++)
      for (let column = Math.floor(left / side); column * side < right; column++)
        this.stale.add(row * this.across + column);
  }

  draw(context, colours, place, seen, budget_ms) {
    const started = performance.now(), { side } = this, { rows, columns } = this.labels;
    let whole = true;
    for (let top = Math.floor(seen.top / side) * side; top < seen.bottom; top += side)
      for (let left = Math.floor(seen.left / side) * side; left < seen.right; left += side) {
        const tile = (top / side) * this.across + left / side;
        if (this.stale.has(tile)) {
          if (performance.now() - started < budget_ms) this.paint(tile, top, left, colours);
          else whole = false;
        }
        const canvas = this.tiles.get(tile);
        if (!canvas) continue;
        const [y, x] = place(top, left);
        const [bottom, right] = place(Math.min(rows, top + side), Math.min(columns, left + side));
        context.drawImage(canvas, x, y, right - x, bottom - y);
      }
    return whole;
  }

  paint(tile, top, left, colours) {
    const { step } = this, { rows, columns, pixels } = this.labels, middle = step >> 1;
    const tall = Math.ceil(Math.min(this.side, rows - top) / step);
    const wide = Math.ceil(Math.min(this.side, columns - left) / step);
    const canvas = this.tiles.get(tile) ?? new OffscreenCanvas(wide, tall);
    const image = new ImageData(wide, tall), out = new Uint32Array(image.data.buffer);
    for (let y = 0, to = 0; y < tall; y++) {
      const row = Math.min(rows - 1, top + y * step + middle) * columns;
      for (let x = 0; x < wide; x++) out[to++] = colours[pixels[row + Math.min(columns - 1, left + x * step + middle)]];
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    this.tiles.set(tile, canvas);
    this.stale.delete(tile);
  }
}
