/** Which pixels a stroke, a polygon or a region covers: flat triples of row, first column, column after the last. */

/**
 * The pixels not farther than half the size from the line between two pixels, centre to centre. In whole
 * numbers, so that nothing depends on rounding.
 */
export function stroke([ya, xa], [yb, xb], size, { rows, columns }) {
  const reach = Math.floor(size / 2), dy = yb - ya, dx = xb - xa;
  const length = dy * dy + dx * dx, limit = size * size;
  const inside = (y, x) => {
    const py = y - ya, px = x - xa, along = py * dy + px * dx;
    if (along <= 0) return 4 * (py * py + px * px) <= limit;
    if (along >= length) return 4 * ((y - yb) ** 2 + (x - xb) ** 2) <= limit;
    return 4 * (py * dx - px * dy) ** 2 <= limit * length;
  };
  const left = Math.max(0, Math.min(xa, xb) - reach), right = Math.min(columns, Math.max(xa, xb) + reach + 1);
  const bottom = Math.min(rows, Math.max(ya, yb) + reach + 1), spans = [];
  for (let y = Math.max(0, Math.min(ya, yb) - reach); y < bottom; y++) {
    let first = left, after = right;
    while (first < right && !inside(y, first)) first++;
    while (after > first && !inside(y, after - 1)) after--;
    if (first < after) spans.push(y, first, after);
  }
  return spans;
}

/** The pixels whose centre lies in a polygon of corners (y, x), by the even-odd rule. */
export function polygon(corners, { rows, columns }) {
  const spans = [], ys = corners.map(([y]) => y);
  const bottom = Math.min(rows, Math.ceil(Math.max(...ys)));
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y < bottom; y++) {
    const middle = y + 0.5, crossings = [];
    corners.forEach(([ya, xa], number) => {
      const [yb, xb] = corners[(number + 1) % corners.length];
      if (ya <= middle !== yb <= middle) crossings.push(xa + ((middle - ya) / (yb - ya)) * (xb - xa));
    });
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const first = Math.max(0, Math.ceil(crossings[pair] - 0.5));
      const after = Math.min(columns, Math.ceil(crossings[pair + 1] - 0.5));
      if (first < after) spans.push(y, first, after);
    }
  }
  return spans;
}

/** The pixels of one class that hang together with a pixel by their sides. */
export function region({ rows, columns, pixels }, y, x) {
  const wanted = pixels[y * columns + x] & 255, seen = new Uint8Array(rows * columns);
  const spans = [], todo = [y, x];
  const open = (i) => !seen[i] && (pixels[i] & 255) === wanted;
  while (todo.length) {
    const start = todo.pop(), line = todo.pop(), row = line * columns;
    if (!open(row + start)) continue;
    let first = start, after = start + 1;
    while (first > 0 && open(row + first - 1)) first--;
    while (after < columns && open(row + after)) after++;
    seen.fill(1, row + first, row + after);
    spans.push(line, first, after);
    for (const next of [line - 1, line + 1]) {
      if (next < 0 || next >= rows) continue;
      for (let column = first, before = false; column < after; column++) {
        const now = open(next * columns + column);
        if (now && !before) todo.push(next, column);
        before = now;
      }
    }
  }
  return spans;
}
