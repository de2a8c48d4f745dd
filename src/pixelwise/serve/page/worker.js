/** What takes longer than a blink on large images, away from the thread that draws. */

import { decode, encode } from "./png.js";
import { trace } from "./trace.js";

const WORK = {
  /** A PNG of labels and confidence to what `Labels` is made of. */
  async decode({ bytes }) {
    const { rows, columns, pixels } = await decode(new Uint8Array(bytes));
    const counts = new Float64Array(256), confidence = new Float64Array(256);
    for (const value of pixels) {
      counts[value & 255]++;
      confidence[value & 255] += value >> 8;
    }
    confidence.forEach((sum, index) => (confidence[index] = counts[index] ? sum / counts[index] / 255 : 0));
    return { rows, columns, pixels, counts, confidence };
  },

  /** Class numbers to an 8-bit PNG with the colours of a palette. */
  async encode({ pixels, rows, columns, palette }) {
    const indices = new Uint8Array(pixels.length);
    for (let i = 0; i < indices.length; i++) indices[i] = pixels[i]; // the low byte
    return { bytes: await encode(indices, rows, columns, palette) };
  },

  async trace({ pixels, rows, columns, classes }) {
    return { text: JSON.stringify(trace(pixels, rows, columns, classes)) };
  },
};

addEventListener("message", async ({ data: { id, kind, given } }) => {
  try {
    const result = await WORK[kind](given);
    const buffers = Object.values(result).filter(ArrayBuffer.isView).map((each) => each.buffer);
    postMessage({ id, result }, { transfer: buffers });
  } catch (error) {
    postMessage({ id, error: error.message });
  }
});
