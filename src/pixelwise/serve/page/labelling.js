/** Has the server label the images of the strip, two at a time, the one in view first. */

import { percent, whisper } from "./dom.js";
import { Labels } from "./labels.js";
import { work } from "./work.js";

const AT_ONCE = 2;

export class Labelling {
  constructor(session, api) {
    Object.assign(this, { session, api, running: 0 });
  }

  /** Start on what waits; call it whenever something may have begun to wait. */
  go() {
    const { session } = this;
    const waiting = session.items.filter((item) => item.state === "waiting");
    const next = waiting.includes(session.current) ? session.current : waiting[0];
    if (!next || this.running >= AT_ONCE || !session.model) return;
    this.running++;
    this.label(next).finally(() => {
      this.running--;
      this.go();
    });
    this.go();
  }

  again(item) {
    this.change(item, "waiting", "");
    this.go();
  }

  /** Label all of them anew, by another model. */
  restart() {
    for (const item of this.session.items) {
      item.forget();
      this.change(item, "waiting", "");
    }
    this.session.tell("current");
    this.go();
  }

  async label(item) {
    const { model } = this.session;
    this.change(item, "working", "Labelling …");
    try {
      check(item, model);
      const busy = (wait_s) => this.change(item, "working", `The server is busy; again in ${wait_s} s …`);
      const bytes = await this.api.labels(model, item.file, busy);
      const labels = new Labels(await work("decode", { bytes }, [bytes]));
      if (model !== this.session.model) return; // another one was chosen meanwhile
      labels.touched = (box) => item === this.session.current && this.session.tell("pixels", box);
      item.labels = labels;
      this.change(item, "done", "");
      if (item === this.session.current) this.session.tell("pixels");
      whisper(`${item.name}: ${summary(this.session, labels)}.`);
    } catch (error) {
      if (model !== this.session.model) return;
      this.change(item, "error", error.message);
      whisper(`${item.name} could not be labelled.`);
    }
  }

  change(item, state, note) {
    Object.assign(item, { state, note });
    this.session.tell("items");
  }
}

/** The server would refuse it too, but only after all of it has been sent. */
function check(item, model) {
  const most = model.limits?.bytes;
  if (most && item.file.size > most)
    throw new Error(`the file has ${megabytes(item.file.size)}, and this server takes at most ${megabytes(most)}.`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The largest classes in words. */
function summary(session, labels) {
  const found = session.model.classes.map(({ index, name }) => ({ name, share: labels.share(index) }));
  const largest = found.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share).slice(0, 3);
  return largest.map(({ name, share }) => `${name} ${percent(share)}`).join(", ") || "none of the classes";
}
