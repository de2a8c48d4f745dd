/** Undo and redo: each step is a list of patches, each patch the pixels that changed and what they were. */

const MOST_BYTES = 256e6;

export class History {
  done = [];
  undone = [];
  open = null; // the step being made
  dropped = null; // the last step that can no longer be undone

  /** Tells one state from another; null is the untouched prediction. */
  get mark() {
    return this.done.at(-1) ?? this.dropped;
  }

  begin() {
    this.open = [];
  }

  add(patch) {
    if (patch) this.open.push(patch);
  }

  /** Finish the step; one that changed nothing leaves no trace. */
  end() {
    if (this.open?.length) {
      this.done.push(this.open);
      this.undone = [];
    }
    this.open = null;
    while (this.done.length > 1 && bytesOf(this.done.flat()) > MOST_BYTES) {
      this.done.shift();
      this.dropped = []; // not the step itself: its pixels are to be forgotten
    }
  }

  /** Take back the step being made. Returns whether there was one that changed something. */
  cancel(labels) {
    const step = this.open ?? [];
    this.open = null;
    for (const patch of [...step].reverse()) labels.swap(patch);
    return step.length > 0;
  }

  undo(labels) {
    const step = this.done.pop();
    if (!step) return false;
    for (const patch of [...step].reverse()) labels.swap(patch);
    this.undone.push(step);
    return true;
  }

  redo(labels) {
    const step = this.undone.pop();
    if (!step) return false;
    for (const patch of step) labels.swap(patch);
    this.done.push(step);
    return true;
  }
}

function bytesOf(patches) {
  return patches.reduce((sum, patch) => sum + patch.values.byteLength, 0);
}
