/** Areas of one class to GeoJSON polygons, exactly along the edges of their pixels. */

const STEPS = [[0, 1], [1, 0], [0, -1], [-1, 0]]; // right, down, left, up: the area is on the right hand

/**
 * One feature for each part of a class that hangs together by sides of pixels, with its holes.
 * Points are (x, y) in pixels, y down; outlines go clockwise as one sees them, holes the other way.
 * @param classes The numbers and names wanted: [{index, name}].
 */
export function trace(pixels, rows, columns, classes) {
  const sides = sidesOf(pixels, rows, columns, new Set(classes.map((each) => each.index)));
  const features = classes.flatMap(({ index, name }) =>
    polygons(ringsOf(sides.get(index) ?? new Map(), columns + 1)).map((coordinates) => ({
      type: "Feature",
      properties: { class: name, index },
      geometry: { type: "Polygon", coordinates },
    })),
  );
  return { type: "FeatureCollection", features };
}

/** For each class, which steps leave each corner of pixels: corner number to a set of bits. */
function sidesOf(pixels, rows, columns, wanted) {
  const sides = new Map([...wanted].map((index) => [index, new Map()])), wide = columns + 1;
  const at = (y, x) => (y < 0 || x < 0 || y >= rows || x >= columns ? -1 : pixels[y * columns + x] & 255);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const index = at(y, x), found = sides.get(index);
      if (!found) continue;
      const leave = (corner, step) => found.set(corner, (found.get(corner) ?? 0) | (1 << step));
      const corner = y * wide + x;
      if (at(y - 1, x) !== index) leave(corner, 0);
      if (at(y, x + 1) !== index) leave(corner + 1, 1);
      if (at(y + 1, x) !== index) leave(corner + wide + 1, 2);
      if (at(y, x - 1) !== index) leave(corner + wide, 3);
    }
  return sides;
}

/** Closed rings of the sides. Parts that touch at a corner are apart; a ring that touches itself becomes two. */
function ringsOf(sides, wide) {
  const rings = [], point = (corner) => [corner % wide, Math.floor(corner / wide)];
  for (const start of sides.keys())
    while (sides.get(start)) {
      const ring = [], places = new Map(); // corners that were turned at, and where in the ring each is
      let corner = start, before = -1;
      do {
        const leaving = sides.get(corner);
        const step = before < 0 ? 31 - Math.clz32(leaving) : turn(leaving, before);
        if (step !== before) {
          if (places.has(corner)) {
            const loop = ring.splice(places.get(corner));
            loop.forEach((each) => places.delete(each));
            rings.push([...loop, corner].map(point));
          }
          places.set(corner, ring.length);
          ring.push(corner);
        }
        sides.set(corner, leaving & ~(1 << step));
        corner += STEPS[step][0] * wide + STEPS[step][1];
        before = step;
      } while (corner !== start || turnsOn(sides.get(corner), before));
      rings.push(closed(ring.map(point), before));
    }
  return rings;
}

/** To the right where one can, so as to stay with the same pixel; else straight on, else to the left. */
function turn(leaving, before) {
  return [1, 0, 3].map((by) => (before + by) % 4).find((step) => leaving & (1 << step));
}

/** Whether the way goes on from the start: another part touches it there, and this one is not yet round. */
function turnsOn(leaving, before) {
  return Boolean(leaving & (1 << ((before + 1) % 4)));
}

/** The ring with its first point repeated, and without that point where the way only runs through it. */
function closed(ring, last) {
  const [[x, y], [nextX, nextY]] = ring;
  const straight = STEPS[last][0] === Math.sign(nextY - y) && STEPS[last][1] === Math.sign(nextX - x);
  const points = straight ? ring.slice(1) : ring;
  return [...points, points[0]];
}

/** Holes put into the smallest outline around them. */
function polygons(rings) {
  const measured = rings.map((ring) => ({ ring, area: areaOf(ring), box: boxOf(ring), holes: [] }));
  const outlines = measured.filter(({ area }) => area > 0), smallFirst = outlines.toSorted((a, b) => a.area - b.area);
  for (const hole of measured.filter(({ area }) => area < 0))
    smallFirst.find((outline) => holds(outline, hole)).holes.push(hole.ring);
  return outlines.map(({ ring, holes }) => [ring, ...holes]);
}

function areaOf(ring) {
  return ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0) / 2;
}

function boxOf(ring) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

/** Whether an outline goes around a hole; its sides never cross the hole's, so one point tells. */
function holds(outline, hole) {
  const [left, top, right, bottom] = outline.box, [holeLeft, holeTop, holeRight, holeBottom] = hole.box;
  if (left > holeLeft || top > holeTop || right < holeRight || bottom < holeBottom) return false;
  const [[x, y], [nextX, nextY]] = hole.ring; // half a pixel into the hole, off the grid of corners
  const along = [Math.sign(nextX - x), Math.sign(nextY - y)];
  const px = x + along[0] / 2 + along[1] / 2, py = y + along[1] / 2 - along[0] / 2;
  let inside = false;
  outline.ring.slice(1).forEach(([bx, by], i) => {
    const [ax, ay] = outline.ring[i];
    if (ay <= py !== by <= py && ax > px) inside = !inside;
  });
  return inside;
}
