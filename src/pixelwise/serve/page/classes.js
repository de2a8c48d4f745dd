/** The classes: their colours, which are shown, their shares as bars, and which one tools paint with. */

import { find, make, percent, swatch } from "./dom.js";
import { NONE, PAINTING } from "./session.js";

const KEYS = 9; // the first classes have number keys

export function classes(session) {
  const list = find("#classes"), rows = new Map(); // class number to its row
  session.on("model", () => {
    rows.clear();
    session.model.classes.forEach(({ index }, place) => rows.set(index, rowOf(session, index, place)));
    rows.set(NONE, rowOf(session, NONE, KEYS));
    list.replaceChildren(...rows.values());
  });
  session.on("model look pixels current", () => {
    for (const [index, row] of rows) refresh(session, index, row);
  });
}

/** The class of a number key, by its place in the list. */
export function choose(session, place) {
  const index = session.model?.classes[place]?.index;
  if (index === undefined) return;
  if (PAINTING.includes(session.tool)) session.set({ paint: index });
  else session.toggle(index);
}

function rowOf(session, index, place) {
  const show = make("button", { type: "button", className: "show" }, swatch(session.colourOf(index)));
  const bar = make("span", { className: "bar" }, make("i"));
  const [red, green, blue] = session.colourOf(index);
  bar.firstChild.style.background = `rgb(${red} ${green} ${blue})`;
  const words = make("span", { className: "words" }, make("b", { textContent: session.nameOf(index) }), make("span"));
  const key = place < KEYS ? make("kbd", { textContent: place + 1 }) : make("span");
  const pick = make("button", { type: "button", className: "pick" }, words, key, bar);
  show.addEventListener("click", () => session.toggle(index));
  pick.addEventListener("click", () => {
    if (PAINTING.includes(session.tool)) session.set({ paint: index });
    else session.toggle(index);
  });
  return make("li", {}, show, pick);
}

function refresh(session, index, row) {
  const [show, pick] = row.children, labels = session.current?.labels, name = session.nameOf(index);
  const shown = session.shown.has(index), painting = PAINTING.includes(session.tool);
  const share = labels?.share(index) ?? 0, sure = labels?.confidence[index] ?? 0;
  row.hidden = index === NONE && !painting && !share;
  row.classList.toggle("off", !shown);
  row.classList.toggle("picked", painting && session.paint === index);
  show.setAttribute("aria-pressed", String(shown));
  show.setAttribute("aria-label", `Show ${name}`);
  show.title = shown ? `Hide ${name}` : `Show ${name}`;
  pick.setAttribute("aria-pressed", String(painting ? session.paint === index : shown));
  const told = labels ? `${percent(share)} of the pixels${sure ? `, ${percent(sure)} sure` : ""}` : "";
  pick.setAttribute("aria-label", [`${painting ? "Paint" : "Show"} ${name}`, told].filter(Boolean).join(": "));
  pick.title = told;
  pick.querySelector(".words span").textContent = labels ? percent(share) : "";
  pick.querySelector(".bar i").style.width = `${100 * share}%`;
}
