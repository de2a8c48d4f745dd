/** Class and confidence of each pixel of one image, and how they change. */

const BY_HAND = 0xff00; // the confidence of a pixel that somebody painted

export class Labels {
  /**
   * @param pixels Uint16Array in reading order: class number in the low byte, confidence 1..255 in the high one.
   * @param counts How many pixels each of the 256 numbers has.
   * @param confidence Mean confidence of each number where it was predicted, 0..1.
   */
  constructor({ rows, columns, pixels, counts, confidence }) {
    Object.assign(this, { rows, columns, pixels, counts, confidence, predicted: null, touched: () => {} });
  }

  /** What is at a pixel: class number, confidence 0..1, and whether it was corrected; null outside. */
  at(y, x) {
    if (y < 0 || x < 0 || y >= this.rows || x >= this.columns) return null;
    const place = y * this.columns + x, value = this.pixels[place];
    const byHand = this.predicted !== null && this.predicted[place] !== value;
    return { index: value & 255, confidence: (value >> 8) / 255, byHand };
  }

  share(index) {
    return this.counts[index] / this.pixels.length;
  }

  /**
   * Give pixels a class, or with null what was predicted.
   * @param spans Flat triples: row, first column, column after the last.
   * @returns The patch that `swap` takes back, or null when nothing changed.
   */
  paint(spans, index) {
    const { pixels, columns, counts } = this;
    this.predicted ??= pixels.slice();
    const { predicted } = this;
    const wanted = (i) =>
      index === null || (predicted[i] & 255) === index ? predicted[i] : BY_HAND | index;
    const runs = changedRuns(spans, columns, (i) => pixels[i] !== wanted(i));
    if (!runs.length) return null;
    const values = new Uint16Array(amount(runs));
    let next = 0;
    for (let run = 0; run < runs.length; run += 3) {
      const row = runs[run] * columns;
      for (let i = row + runs[run + 1]; i < row + runs[run + 2]; i++) {
        values[next++] = pixels[i];
        counts[pixels[i] & 255]--;
        pixels[i] = wanted(i);
        counts[pixels[i] & 255]++;
      }
    }
    this.touched(around(runs));
    return { runs, values };
  }

  /** Exchange what a patch holds with what is there: undo, and again, redo. */
  swap({ runs, values }) {
    const { pixels, columns, counts } = this;
    let next = 0;
    for (let run = 0; run < runs.length; run += 3) {
      const row = runs[run] * columns;
      for (let i = row + runs[run + 1]; i < row + runs[run + 2]; i++, next++) {
        const old = pixels[i];
        pixels[i] = values[next];
        values[next] = old;
        counts[old & 255]--;
        counts[pixels[i] & 255]++;
      }
    }
    this.touched(around(runs));
  }
}

function changedRuns(spans, columns, changes) {
  const runs = [];
  for (let span = 0; span < spans.length; span += 3) {
    const y = spans[span], row = y * columns, end = spans[span + 2];
    for (let x = spans[span + 1]; x < end; x++) {
      if (!changes(row + x)) continue;
      const first = x;
      while (x < end && changes(row + x)) x++;
      runs.push(y, first, x);
    }
  }
  return runs;
}

function amount(runs) {
  let sum = 0;
  for (let run = 0; run < runs.length; run += 3) sum += runs[run + 2] - runs[run + 1];
  return sum;
}

function around(runs) {
  const box = { top: Infinity, left: Infinity, bottom: 0, right: 0 };
  for (let run = 0; run < runs.length; run += 3) {
    box.top = Math.min(box.top, runs[run]);
    box.bottom = Math.max(box.bottom, runs[run] + 1);
    box.left = Math.min(box.left, runs[run + 1]);
    box.right = Math.max(box.right, runs[run + 2]);
  }
  return box;
}
