/** The server's answers, or its sentence why not. */

const KEY = "pixelwise-key", TRIES = 6, LONGEST_WAIT_S = 30;
const LABELS = "application/vnd.pixelwise.labels+confidence";

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

export class Api {
  /** @param askKey Asks the person for a key: a promise of it, or of null. */
  constructor(askKey) {
    this.askKey = askKey;
    this.asking = null;
  }

  async models() {
    return (await (await this.request("v1/models")).json()).models;
  }

  /** Labels and confidence of an image file, as the bytes of a PNG. */
  async labels(model, file, told) {
    return (await this.predict(model, file, LABELS, told)).arrayBuffer();
  }

  /** What was predicted, as a GeoJSON FeatureCollection. */
  async outlines(model, file) {
    return (await (await this.predict(model, file, "application/json")).json()).polygons;
  }

  /** Keep an image and its corrected labels as training data. */
  async save(model, file, labels, name) {
    const body = new FormData();
    body.append("image", file, name);
    body.append("labels", labels, "labels.png");
    body.append("name", name);
    return (await this.request(`${pathOf(model)}/corrections`, { method: "POST", body })).json();
  }

  predict(model, file, accept, told) {
    const headers = { Accept: accept, "Content-Type": file.type || "application/octet-stream" };
    return this.request(`${pathOf(model)}/predict`, { method: "POST", headers, body: file }, told);
  }

  /**
   * One request; again with a key when one is wanted, and again later when the server is busy.
   * @param told Hears how many seconds there are to wait.
   */
  async request(path, options = {}, told = () => {}) {
    for (let tries = 1; ; tries++) {
      const key = sessionStorage.getItem(KEY);
      const headers = { ...options.headers, ...(key ? { "X-API-Key": key } : {}) };
      const answer = await fetch(path, { ...options, headers }).catch(() => {
        throw new Refused("the server cannot be reached. Is it still running?", 0);
      });
      if (answer.ok) return answer;
      const sentence = await sentenceOf(answer);
      if (answer.status === 401 && (await this.newKey(key))) continue;
      if (![429, 503].includes(answer.status) || tries === TRIES) throw new Refused(sentence, answer.status);
      const wait_s = Math.min(Number(answer.headers.get("Retry-After")) || 2, LONGEST_WAIT_S);
      told(wait_s);
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait_s));
    }
  }

  /** Whether there is another key to try; several requests ask the person once. */
  async newKey(refused) {
    if (sessionStorage.getItem(KEY) !== refused) return true;
    this.asking ??= this.askKey().finally(() => (this.asking = null));
    const key = await this.asking;
    if (key) sessionStorage.setItem(KEY, key);
    return Boolean(key);
  }
}

function pathOf(model) {
  return `v1/models/${encodeURIComponent(model.name)}`;
}

async function sentenceOf(answer) {
  const told = await answer.json().catch(() => null);
  return told?.error ?? `the server answered ${answer.status}.`;
}
