/** Asks the worker: `await work("decode", {bytes})`. */

const waiting = new Map();
let worker = null, asked = 0;

/** What the worker makes of something; the buffers in `transfer` are gone afterwards. */
export function work(kind, given, transfer = []) {
  worker ??= started();
  return new Promise((resolve, reject) => {
    const id = ++asked;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, kind, given }, transfer);
  });
}

function started() {
  const made = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  made.addEventListener("message", ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  made.addEventListener("error", () => {
    for (const { reject } of waiting.values()) reject(new Error("this browser cannot start a worker."));
    waiting.clear();
  });
  return made;
}
