/** The canvas: the photograph and its classes at any zoom. Draws once for each change, in the next frame. */

import { Overlay, lookup } from "./overlay.js";
import { photographsOf } from "./photograph.js";

const LARGEST_PIXEL = 64; // of the screen for one of the image
const FREE_WIDE = [20, 20, 20, 84], FREE_NARROW = [68, 12, 76, 12]; // CSS pixels for the tools, as in `margin`
const NARROW = matchMedia("(max-width: 760px)");

export class View {
  constructor(session, canvas) {
    Object.assign(this, { session, canvas, context: canvas.getContext("2d") });
    Object.assign(this, { rows: 0, columns: 0, scale: 1, top: 0, left: 0 }); // of the image on the canvas
    Object.assign(this, { photographs: [], overlay: null, sketch: [], divider: 0.5, drawing: 0 });
    this.fitted = true; // until somebody zooms
    this.moved = () => {};
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    session.on("current", () => this.show());
    session.on("look", () => this.recolour());
    session.on("pixels", (box) => (box ? this.overlay?.touch(box) : this.adopt(), this.draw()));
  }

  /** Open the photograph of the current image; one the browser cannot read leaves the ground bare. */
  async show() {
    const item = this.session.current;
    for (const { bitmap } of this.photographs) bitmap.close();
    Object.assign(this, { photographs: [], overlay: null, sketch: [], rows: 0, columns: 0, fitted: true });
    this.adopt();
    this.draw();
    if (!item) return;
    const photographs = await photographsOf(item.file);
    if (this.session.current !== item) return photographs.forEach(({ bitmap }) => bitmap.close());
    this.photographs = photographs;
    item.readable = photographs.length > 0;
    if (photographs.length && !item.labels) {
      Object.assign(this, { rows: photographs[0].bitmap.height, columns: photographs[0].bitmap.width });
      if (this.fitted) this.fit();
    }
    this.session.tell("items");
    this.draw();
  }

  /** Take up the labels of the current image, when there are any. */
  adopt() {
    const labels = this.session.current?.labels;
    this.overlay = labels ? new Overlay(labels, lookup(this.session)) : null;
    if (!labels) return;
    const other = labels.rows !== this.rows || labels.columns !== this.columns;
    Object.assign(this, { rows: labels.rows, columns: labels.columns });
    if (other) this.fit();
  }

  recolour() {
    const { model, shown, unsure } = this.session, wanted = JSON.stringify([model?.name, [...shown], unsure]);
    if (wanted !== this.coloured) this.overlay?.recolour(lookup(this.session));
    this.coloured = wanted;
    this.draw();
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas.parentElement, ratio = devicePixelRatio;
    this.canvas.width = Math.max(1, Math.round(clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * ratio));
    if (this.fitted) this.fit();
    else this.paint();
  }

  fit() {
    if (!this.rows) return;
    const free = NARROW.matches ? FREE_NARROW : FREE_WIDE;
    const [top, right, bottom, left] = free.map((side) => side * devicePixelRatio);
    const wide = this.canvas.width - left - right, tall = this.canvas.height - top - bottom;
    this.scale = Math.max(1 / 64, Math.min(wide / this.columns, tall / this.rows, LARGEST_PIXEL));
    this.left = left + (wide - this.columns * this.scale) / 2;
    this.top = top + (tall - this.rows * this.scale) / 2;
    this.fitted = true;
    this.draw();
  }

  /** Zoom about a point of the canvas (y, x), given in CSS pixels; about its middle by itself. */
  zoom(factor, y = this.canvas.clientHeight / 2, x = this.canvas.clientWidth / 2) {
    const ratio = devicePixelRatio, least = Math.min(1, 32 / Math.max(this.rows, this.columns, 1));
    const scale = Math.min(LARGEST_PIXEL, Math.max(least, this.scale * factor));
    this.left = x * ratio - ((x * ratio - this.left) * scale) / this.scale;
    this.top = y * ratio - ((y * ratio - this.top) * scale) / this.scale;
    this.scale = scale;
    this.hold();
  }

  pan(down, right) {
    this.top += down * devicePixelRatio;
    this.left += right * devicePixelRatio;
    this.hold();
  }

  /** Never lose the image out of sight. */
  hold() {
    const { width, height } = this.canvas, keep = 48 * devicePixelRatio;
    this.left = Math.min(width - keep, Math.max(keep - this.columns * this.scale, this.left));
    this.top = Math.min(height - keep, Math.max(keep - this.rows * this.scale, this.top));
    this.fitted = false;
    this.draw();
  }

  /** Position (y, x) in the image of a point of the canvas in CSS pixels. */
  inImage(y, x) {
    const ratio = devicePixelRatio;
    return [(y * ratio - this.top) / this.scale, (x * ratio - this.left) / this.scale];
  }

  /** The inverse of `inImage`. */
  onCanvas(y, x) {
    const ratio = devicePixelRatio;
    return [(this.top + y * this.scale) / ratio, (this.left + x * this.scale) / ratio];
  }

  draw() {
    this.drawing ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const { context, canvas, session } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.moved();
    if (!this.rows) return;
    const place = (y, x) => [Math.round(this.top + y * this.scale), Math.round(this.left + x * this.scale)];
    const [top, left] = place(0, 0), [bottom, right] = place(this.rows, this.columns);
    this.paintPhotograph(top, left, bottom, right);
    context.save();
    if (session.compare) {
      const border = this.divider * canvas.width;
      context.beginPath();
      context.rect(border, 0, canvas.width - border, canvas.height);
      context.clip();
    }
    context.globalAlpha = session.opacity;
    context.imageSmoothingEnabled = this.scale < 1;
    const whole = this.overlay?.draw(context, this.scale, place, this.seen()) ?? true;
    context.restore();
    this.paintSketch();
    if (!whole) this.draw();
  }

  paintPhotograph(top, left, bottom, right) {
    const { context } = this;
    const enough = this.photographs.filter(({ share }) => share >= this.scale).at(-1) ?? this.photographs[0];
    context.imageSmoothingEnabled = this.scale < 4;
    context.imageSmoothingQuality = "medium";
    if (enough) context.drawImage(enough.bitmap, left, top, right - left, bottom - top);
    else {
      context.fillStyle = "#808080";
      context.fillRect(left, top, right - left, bottom - top);
    }
  }

  /** The polygon that is being drawn: dark under light, to be seen on anything. */
  paintSketch() {
    const { context, sketch } = this, ratio = devicePixelRatio;
    if (!sketch.length) return;
    const points = sketch.map(([y, x]) => [this.left + x * this.scale, this.top + y * this.scale]);
    for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width * ratio, lineJoin: "round" });
      context.beginPath();
      points.forEach(([x, y], number) => (number ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
      for (const [x, y] of points) {
        context.beginPath();
        context.arc(x, y, (width + 1) * ratio, 0, 7);
        Object.assign(context, { fillStyle: colour });
        context.fill();
      }
    }
  }

  seen() {
    const { width, height } = this.canvas;
    return {
      top: Math.max(0, -this.top / this.scale),
      left: Math.max(0, -this.left / this.scale),
      bottom: Math.min(this.rows, (height - this.top) / this.scale),
      right: Math.min(this.columns, (width - this.left) / this.scale),
    };
  }
}
