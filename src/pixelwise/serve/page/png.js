/** PNG files read and written byte for byte: a canvas would multiply colours by alpha and so change them. */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const GREY_ALPHA = 4, PALETTE = 3;

/** Class (grey) and confidence (alpha) of each pixel of an 8-bit PNG: {rows, columns, pixels}, as Labels has them. */
export async function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), packed = [];
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw new Error("the answer is no PNG file.");
  let columns = 0, rows = 0;
  for (let place = 8; place + 12 <= bytes.length; ) {
    const length = view.getUint32(place), kind = String.fromCharCode(...bytes.subarray(place + 4, place + 8));
    const start = place + 8;
    if (kind === "IHDR") {
      columns = view.getUint32(start);
      rows = view.getUint32(start + 4);
      if (bytes[start + 8] !== 8 || bytes[start + 9] !== GREY_ALPHA || bytes[start + 12] !== 0)
        throw new Error("the answer is no plain 8-bit PNG of grey and alpha.");
    }
    if (kind === "IDAT") packed.push(bytes.subarray(start, start + length));
    place = start + length + 4;
  }
  const raw = await through(packed, new DecompressionStream("deflate"), rows * (2 * columns + 1));
  return { rows, columns, pixels: new Uint16Array(unfiltered(raw, rows, 2 * columns).buffer) };
}

/** An 8-bit PNG with a palette whose values are the indices. */
export async function encode(indices, rows, columns, palette) {
  const raw = new Uint8Array(rows * (columns + 1));
  for (let y = 0; y < rows; y++)
    raw.set(indices.subarray(y * columns, (y + 1) * columns), y * (columns + 1) + 1); // filter 0
  const header = new Uint8Array(13), sizes = new DataView(header.buffer);
  sizes.setUint32(0, columns);
  sizes.setUint32(4, rows);
  header.set([8, PALETTE, 0, 0, 0], 8);
  const packed = await through([raw], new CompressionStream("deflate"));
  const parts = [Uint8Array.from(SIGNATURE), chunk("IHDR", header), chunk("PLTE", palette)];
  return joined([...parts, chunk("IDAT", packed), chunk("IEND", new Uint8Array())]);
}

/** All that comes out of a stream; `size` bytes are expected where that is known. */
async function through(parts, stream, size = null) {
  const reader = new Blob(parts).stream().pipeThrough(stream).getReader(), found = [];
  const whole = size === null ? null : new Uint8Array(size);
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (whole && length + next.value.length > size) throw new Error("the answer holds more than it says.");
    if (whole) whole.set(next.value, length);
    else found.push(next.value);
    length += next.value.length;
  }
  if (whole && length < size) throw new Error("the answer ends too early.");
  return whole ?? joined(found);
}

/** Undo the five row filters; two bytes a pixel. */
function unfiltered(raw, rows, width) {
  const out = new Uint8Array(rows * width), back = 2;
  for (let y = 0; y < rows; y++) {
    const filter = raw[y * (width + 1)], from = y * (width + 1) + 1, to = y * width;
    for (let x = 0; x < width; x++) {
      const left = x >= back ? out[to + x - back] : 0, up = y ? out[to + x - width] : 0;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4) guess = paeth(left, up, x >= back && y ? out[to + x - width - back] : 0);
      out[to + x] = raw[from + x] + guess;
    }
  }
  return out;
}

function paeth(left, up, corner) {
  const byLeft = Math.abs(up - corner), byUp = Math.abs(left - corner);
  const byCorner = Math.abs(left + up - 2 * corner);
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

function chunk(kind, data) {
  const bytes = new Uint8Array(data.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...kind].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc(bytes.subarray(4, data.length + 8)));
  return bytes;
}

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function crc(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = REMAINDERS[(rest ^ byte) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
}
