/** What brush, eraser, polygon and fill do to the labels of the current image. */

import { say } from "./dom.js";
import { polygon, region, stroke } from "./shapes.js";

const CLOSE = 12; // CSS pixels from the first corner that close a polygon

export class Tools {
  constructor(session, view) {
    Object.assign(this, { session, view, last: null });
    session.on("current", () => (this.last = null));
    session.on("look", () => session.tool !== "polygon" && this.drop());
  }

  get item() {
    return this.session.current?.labels ? this.session.current : null;
  }

  /** Whether dragging paints; with the other tools it moves the image. */
  get drags() {
    return ["brush", "eraser"].includes(this.session.tool) && this.item !== null;
  }

  /** Begin a stroke at a position (y, x) of the image. */
  down(at) {
    this.item.history.begin();
    this.last = null;
    this.move(at);
  }

  move(at) {
    const pixel = at.map(Math.floor), { session, item } = this;
    if (!item?.history.open) return;
    const spans = stroke(this.last ?? pixel, pixel, session.size, item.labels);
    item.history.add(item.labels.paint(spans, session.tool === "eraser" ? null : session.paint));
    this.last = pixel;
  }

  up() {
    this.item?.history.end();
    this.last = null;
    this.session.tell("items");
  }

  /** Take back a stroke that turned out to be the first finger of two. */
  cancel() {
    this.item?.history.cancel(this.item.labels);
    this.last = null;
  }

  /** What a click does at a position (y, x) of the image. */
  tap(at) {
    const { session, item } = this;
    if (!item) return;
    if (session.tool === "polygon") this.corner(at);
    else if (session.tool === "fill") this.fill(at.map(Math.floor));
    else if (this.drags) {
      this.down(at);
      this.up();
    }
  }

  fill([y, x]) {
    const { session, item } = this, there = item.labels.at(y, x);
    if (!there) return;
    this.step(region(item.labels, y, x), session.paint);
    say(`A region of ${session.nameOf(there.index)} is now ${session.nameOf(session.paint)}.`);
  }

  corner(at) {
    const { view } = this, [first] = view.sketch;
    if (first && view.sketch.length > 2) {
      const [ya, xa] = view.onCanvas(...first), [yb, xb] = view.onCanvas(...at);
      if (Math.hypot(ya - yb, xa - xb) <= CLOSE) return this.close();
    }
    view.sketch.push(at);
    this.sketched();
  }

  /** Paint the polygon; it takes three corners at least. */
  close() {
    const { session, item, view } = this, corners = view.sketch;
    if (!item || corners.length < 3) return;
    view.sketch = [];
    this.step(polygon(corners, item.labels), session.paint);
    this.sketched();
    say(`The polygon is now ${session.nameOf(session.paint)}.`);
  }

  /** Forget the last corner of a polygon. Returns whether there was one. */
  back() {
    const gone = this.view.sketch.pop();
    if (gone) this.sketched();
    return Boolean(gone);
  }

  drop() {
    if (!this.view.sketch.length) return false;
    this.view.sketch = [];
    this.sketched();
    return true;
  }

  sketched() {
    this.session.tell("sketch", this.view.sketch.length);
    this.view.draw();
  }

  step(spans, index) {
    const { history, labels } = this.item;
    history.begin();
    history.add(labels.paint(spans, index));
    history.end();
    this.session.tell("items");
  }

  undo() {
    if (this.back() || !this.item) return;
    say(this.item.history.undo(this.item.labels) ? "Undone." : "There is nothing to undo.");
    this.session.tell("items");
  }

  redo() {
    if (!this.item) return;
    say(this.item.history.redo(this.item.labels) ? "Done again." : "There is nothing to do again.");
    this.session.tell("items");
  }
}
