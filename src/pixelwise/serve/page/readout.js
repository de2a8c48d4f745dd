/** What is under the pointer, of the mouse or of the keyboard, and how large the brush is. */

import { find, percent, whisper } from "./dom.js";

const SPOKEN_MS = 200; // after the last move of the keyboard's pointer

export class Readout {
  constructor(session, view) {
    Object.assign(this, { session, view, mouse: null, spot: null, saying: 0 });
    view.moved = () => this.place();
    session.on("current", () => {
      this.spot = null;
      this.gone();
    });
    session.on("look pixels", () => this.place());
  }

  /** The mouse is at a point (y, x) of the canvas, in CSS pixels. */
  at(point) {
    this.mouse = point;
    this.spot = null;
    this.place();
  }

  gone() {
    this.mouse = null;
    this.place();
  }

  /** Move the keyboard's pointer by so many steps; a step is a small part of what is seen. */
  step(down, right, fine) {
    const { view } = this, { rows, columns } = view;
    if (!rows) return;
    const step = fine ? 1 : Math.max(1, Math.round((12 * devicePixelRatio) / view.scale));
    const [y, x] = this.spot ?? middle(view.seen());
    const held = (value, end) => Math.min(end - 1, Math.max(0, value));
    this.spot = [held(Math.floor(y) + down * step, rows), held(Math.floor(x) + right * step, columns)];
    this.mouse = null;
    this.follow();
    this.place();
    clearTimeout(this.saying);
    this.saying = setTimeout(() => whisper(this.words(this.spot)), SPOKEN_MS);
  }

  /** Where the keyboard's pointer is: the middle of its pixel. */
  get target() {
    const [y, x] = this.spot ?? middle(this.view.seen());
    return [Math.floor(y) + 0.5, Math.floor(x) + 0.5];
  }

  /** Move the image so that the keyboard's pointer stays in sight. */
  follow() {
    const { view } = this, [y, x] = view.onCanvas(...this.target), edge = 24;
    const lack = (value, end) => Math.max(0, edge - value) - Math.max(0, value - (end - edge));
    const down = lack(y, view.canvas.clientHeight), right = lack(x, view.canvas.clientWidth);
    if (down || right) view.pan(down, right);
  }

  place() {
    const { view, session } = this, box = find("#readout"), pointer = find("#pointer"), ring = find("#ring");
    const point = this.spot ? view.onCanvas(...this.target) : this.mouse;
    const pixel = point && view.inImage(...point).map(Math.floor);
    const there = pixel && session.current?.labels?.at(...pixel);
    pointer.hidden = !this.spot;
    ring.hidden = !point || !["brush", "eraser"].includes(session.tool) || !session.current?.labels;
    box.hidden = !there;
    if (point) for (const mark of [pointer, ring]) mark.style.translate = `${point[1]}px ${point[0]}px`;
    const across = (session.size * view.scale) / devicePixelRatio;
    ring.style.width = ring.style.height = `${across}px`;
    if (!there) return;
    const [red, green, blue] = session.colourOf(there.index);
    box.children[0].style.background = `rgb(${red} ${green} ${blue})`;
    box.children[1].textContent = session.nameOf(there.index);
    box.children[2].textContent = there.byHand ? "corrected" : `${percent(there.confidence)} sure`;
  }

  words(pixel) {
    const there = this.session.current?.labels?.at(...pixel);
    if (!there) return "Not labelled yet.";
    const sure = there.byHand ? "corrected" : `${percent(there.confidence)} sure`;
    return `${this.session.nameOf(there.index)}, ${sure}. Row ${pixel[0]}, column ${pixel[1]}.`;
  }
}

function middle({ top, left, bottom, right }) {
  return [(top + bottom) / 2, (left + right) / 2];
}
