/** Brings the parts of the page together. */

import { Api } from "./api.js";
import { classes } from "./classes.js";
import { controls } from "./controls.js";
import { corrections } from "./corrections.js";
import { askKey } from "./dialogs.js";
import { find, make, say, swatch } from "./dom.js";
import { downloads } from "./downloads.js";
import { intake } from "./intake.js";
import { keys } from "./keys.js";
import { Labelling } from "./labelling.js";
import { pointers } from "./pointers.js";
import { Readout } from "./readout.js";
import { Session } from "./session.js";
import { leave, strip } from "./strip.js";
import { Tools } from "./tools.js";
import { View } from "./view.js";

const session = new Session(), api = new Api(askKey), canvas = find("#canvas");
const view = new View(session, canvas), tools = new Tools(session, view), readout = new Readout(session, view);
const labelling = new Labelling(session, api);

classes(session);
strip(session);
controls(session, view);
downloads(session, api);
corrections(session, api, tools);
pointers(canvas, session, view, tools, readout);
intake(session, labelling);
keys({ session, view, tools, readout, api });

/** What stands over the image: that it is being labelled, or why it could not be. */
session.on("items current", () => {
  const item = session.current, trouble = find("#trouble"), busy = find("#busy");
  busy.hidden = !item || !["waiting", "working"].includes(item.state);
  busy.lastChild.textContent = item?.note || "Waiting …";
  const wrong = item?.state === "error";
  if (wrong) {
    trouble.children[0].textContent = `${item.name} could not be labelled`;
    trouble.children[1].textContent = item.note;
  }
  trouble.hidden = !wrong;
  find("#bare").hidden = !item?.labels || item.readable;
  document.body.classList.toggle("labelled", Boolean(item?.labels));
});
find("#again").addEventListener("click", () => labelling.again(session.current));
find("#drop-it").addEventListener("click", () => leave(session, session.current));

/** What the model is and knows, before there is an image. */
session.on("model", () => {
  const { model } = session;
  find("#title").textContent = model.title;
  find("#known").replaceChildren(
    ...model.classes.map(({ name, colour }) => make("li", {}, swatch(colour), name)),
  );
  const bands = model.bands === 3 ? "" : ` It wants images of ${model.bands} band${model.bands === 1 ? "" : "s"}.`;
  find("#facts").textContent = scored(model.scores ?? {}) + bands;
  find("#knows").hidden = false;
});

/** How good the model is, by the last split it was measured on: scores are named like «test mean_iou». */
function scored(scores) {
  const [name, score] = Object.entries(scores).findLast(([name]) => name.endsWith("mean_iou")) ?? [];
  if (typeof score !== "number") return "";
  const split = name.split(" ").slice(0, -1).join(" ");
  return `Its mean IoU is ${score.toFixed(2)}${split ? ` on the split “${split}”` : ""}.`;
}

function offer(models) {
  const choice = find("#models");
  choice.replaceChildren(...models.map(({ name, title }) => new Option(title, name)));
  find("#choose-model").hidden = models.length < 2;
  find("#title").hidden = models.length > 1;
  choice.addEventListener("change", () => {
    const lost = session.items.some((item) => item.unsaved);
    if (lost && !confirm("Corrections are not saved. Label all images by the other model all the same?")) {
      choice.value = session.model.name;
      return;
    }
    session.useModel(models.find(({ name }) => name === choice.value));
    labelling.restart();
  });
  session.models = models;
  session.useModel(models[0]);
  labelling.go();
}

session.tell("look");
api.models().then(offer, (error) => say(`The models cannot be told: ${error.message}`));
