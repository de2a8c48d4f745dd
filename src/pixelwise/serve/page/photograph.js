/** Image files as the browser shows them; decoded off the thread that draws. */

const SMALL = 2048; // longest side of the second, smaller photograph that is shown from afar

/** The photograph upright, then a smaller one of a large one; none when the browser cannot read the file. */
export async function photographsOf(file) {
  try {
    const bitmap = await createImageBitmap(file), share = SMALL / Math.max(bitmap.width, bitmap.height);
    const whole = { bitmap, share: 1 };
    if (share > 0.7) return [whole];
    const resizeWidth = Math.round(bitmap.width * share), resizeHeight = Math.round(bitmap.height * share);
    const small = await createImageBitmap(file, { resizeWidth, resizeHeight, resizeQuality: "medium" });
    return [whole, { bitmap: small, share }];
  } catch {
    return []; // what a browser cannot show (a GeoTIFF), the server may well read
  }
}

/** A small one for the strip, as a canvas; null when the browser cannot read the file. */
export async function thumbnailOf(file, tall) {
  try {
    const bitmap = await createImageBitmap(file, { resizeHeight: tall, resizeQuality: "medium" });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}
