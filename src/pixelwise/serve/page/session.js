/** What the page knows. Modules listen for the words they care about: model, items, current, pixels, look. */

import { History } from "./history.js";

export const NONE = 255; // class number of a pixel that is no class, or does not count
export const PAINTING = ["brush", "eraser", "polygon", "fill"];

let made = 0;

/** One image of the strip, from the file to the corrected labels. */
export class Item {
  constructor(file, name) {
    Object.assign(this, { id: ++made, file, name, state: "waiting", note: "", readable: true });
    this.forget();
  }

  /** As if it had never been labelled. */
  forget() {
    Object.assign(this, { labels: null, history: new History(), savedAt: null });
  }

  get corrected() {
    return this.history.mark !== null;
  }

  get unsaved() {
    return this.history.mark !== this.savedAt;
  }
}

export class Session extends EventTarget {
  models = [];
  model = null;
  items = [];
  current = null;
  shown = new Set(); // class numbers that are coloured
  paint = 0; // class number that tools paint with
  tool = "look";
  size = 24; // of the brush, in pixels of the image
  opacity = 0.6;
  unsure = false;
  compare = false;

  tell(word, detail = null) {
    this.dispatchEvent(new CustomEvent(word, { detail }));
  }

  on(words, act) {
    for (const word of words.split(" ")) this.addEventListener(word, (event) => act(event.detail));
  }

  /** Change how things look, or what the pointer does. */
  set(changes) {
    Object.assign(this, changes);
    this.tell("look");
  }

  useModel(model) {
    const bare = model.exclusive && ["background", "ground", "other"].includes(model.classes[0].name.toLowerCase());
    this.model = model;
    this.shown = new Set(model.classes.map((each) => each.index).filter((index) => !(bare && index === 0)));
    if (model.exclusive) this.shown.add(NONE);
    this.paint = model.classes[bare && model.classes.length > 1 ? 1 : 0].index;
    this.tell("model");
    this.tell("look");
  }

  toggle(index) {
    if (!this.shown.delete(index)) this.shown.add(index);
    this.tell("look");
  }

  add(items) {
    this.items.push(...items);
    this.tell("items");
    if (!this.current && items.length) this.select(items[0]);
  }

  select(item) {
    this.current = item;
    this.tell("current");
    this.tell("items");
  }

  remove(item) {
    const place = this.items.indexOf(item);
    this.items.splice(place, 1);
    if (this.current === item) this.select(this.items[Math.min(place, this.items.length - 1)] ?? null);
    else this.tell("items");
  }

  /** The class of a number, or what stands for none. */
  nameOf(index) {
    const found = this.model.classes.find((each) => each.index === index);
    return found?.name ?? (this.model.exclusive ? "does not count" : "no class");
  }

  colourOf(index) {
    return this.model.classes.find((each) => each.index === index)?.colour ?? [128, 128, 128];
  }
}
