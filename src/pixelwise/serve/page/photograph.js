/** Image files as the browser shows them; decoded off the thread that draws. */

const SMALL = 2048; // longest side of the second, smaller photograph that is shown from afar

/** The photograph upright, then a smaller one of a large one; none when the browser cannot read the file. */
export async function photographsOf(file) {
  try {
    const bitmap = await createImageBitmap(file), share = SMALL / Math.max(bitmap.width, bitmap.height);
    const whole = { bitmap, share: 1 };
    if (share > 0.7) return [whole];
    return [whole, { bitmap: await createImageBitmap(file, resized(bitmap, share)), share }];
  } catch {
    return []; // what a browser cannot show (a GeoTIFF), the server may well read
  }
}

/** A small one for the strip, as a canvas; null when the browser cannot read the file. */
export async function thumbnailOf(file, tall) {
  try {
    const bitmap = await createImageBitmap(file), small = resized(bitmap, tall / bitmap.height);
    const canvas = Object.assign(document.createElement("canvas"), { width: small.resizeWidth, height: tall });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, tall);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}

function resized({ width, height }, share) {
  const size = { resizeWidth: Math.max(1, Math.round(width * share)), resizeHeight: Math.max(1, Math.round(height * share)) };
  return { ...size, resizeQuality: "medium" };
}
