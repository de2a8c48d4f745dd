/** What the keys do, in one table that also explains them. */

import { choose } from "./classes.js";
import { save } from "./corrections.js";
import { showKeys } from "./dialogs.js";
import { find } from "./dom.js";
import { leave } from "./strip.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PAN = 60; // CSS pixels

/** @returns A list of {keys, words, on, act}: what to press, what it does, which events it is. */
function table({ session, view, tools, readout, api }) {
  const tool = (name) => () => session.set({ tool: name });
  const sized = (factor) => () => {
    const size = Math.round(factor > 1 ? session.size * factor + 1 : session.size * factor - 1);
    session.set({ size: Math.min(300, Math.max(1, size)) });
  };
  const next = (step) => () => {
    const item = session.items[session.items.indexOf(session.current) + step];
    if (item) session.select(item);
  };
  const command = (event) => event.ctrlKey || event.metaKey;
  const plain = (...keys) => (event) => !command(event) && keys.includes(event.key.toLowerCase());
  const onCanvas = (event) => event.target === view.canvas;
  const arrow = (event) => onCanvas(event) && event.key in ARROWS;
  let opacity = session.opacity;
  return [
    { keys: ["H"], words: "Look around", on: plain("h"), act: tool("look") },
    { keys: ["B"], words: "Brush", on: plain("b"), act: tool("brush") },
    { keys: ["E"], words: "Eraser, back to what was predicted", on: plain("e"), act: tool("eraser") },
    { keys: ["P"], words: "Polygon", on: plain("p"), act: tool("polygon") },
    { keys: ["F"], words: "Fill a region", on: plain("f"), act: tool("fill") },
    {
      keys: ["1", "9"], words: "Show or hide a class; with a tool, paint with it",
      on: (event) => !command(event) && !event.shiftKey && /^[1-9]$/.test(event.key),
      act: (event) => choose(session, Number(event.key) - 1),
    },
    { keys: ["["], words: "Smaller brush", on: plain("["), act: sized(0.8) },
    { keys: ["]"], words: "Larger brush", on: plain("]"), act: sized(1.25) },
    { keys: ["Ctrl", "Shift", "Z"], words: "Redo", on: (event) => command(event) && ((event.shiftKey && event.key.toLowerCase() === "z") || event.key === "y"), act: () => tools.redo() },
    { keys: ["Ctrl", "Z"], words: "Undo", on: (event) => command(event) && event.key.toLowerCase() === "z", act: () => tools.undo() },
    { keys: ["Ctrl", "S"], words: "Save as training data", on: (event) => command(event) && event.key.toLowerCase() === "s", act: () => session.current && save(session, api) },
    { keys: ["O"], words: "Hide the colours, and show them again", on: plain("o"), act: () => {
      if (session.opacity) opacity = session.opacity;
      session.set({ opacity: session.opacity ? 0 : opacity });
    } },
    { keys: ["S"], words: "Swipe between photograph and result", on: plain("s"), act: () => session.set({ compare: !session.compare }) },
    { keys: ["U"], words: "Dim what is unsure", on: plain("u"), act: () => session.set({ unsure: !session.unsure }) },
    { keys: ["+", "−"], words: "Larger, smaller", on: plain("+", "=", "-"), act: (event) => view.zoom(event.key === "-" ? 1 / 1.25 : 1.25) },
    { keys: ["0"], words: "Whole image", on: plain("0"), act: () => view.fit() },
    { keys: ["Shift", "arrows"], words: "Move the image", on: (event) => arrow(event) && event.shiftKey, act: ({ key }) => view.pan(...ARROWS[key].map((by) => -by * PAN)) },
    { keys: ["arrows"], words: "Move a pointer, with Alt by one pixel, and say what is under it", on: arrow, act: ({ key, altKey }) => readout.step(...ARROWS[key], altKey) },
    { keys: ["Space"], words: "Use the tool at the pointer", on: (event) => onCanvas(event) && event.key === " ", act: () => tools.tap(readout.target) },
    { keys: ["Enter"], words: "Close the polygon", on: (event) => onCanvas(event) && event.key === "Enter", act: () => tools.close() },
    { keys: ["Esc"], words: "Give up the polygon, then look around", on: plain("escape"), act: () => tools.drop() || session.set({ tool: "look" }) },
    { keys: ["Page up", "Page down"], words: "The image before, the next", on: plain("pageup", "pagedown"), act: (event) => next(event.key === "PageUp" ? -1 : 1)() },
    { keys: ["Delete"], words: "Remove the image", on: plain("delete"), act: () => session.current && leave(session, session.current) },
    { keys: ["?"], words: "These keys", on: plain("?"), act: () => find("#help").click() },
  ];
}

export function keys(parts) {
  const rows = table(parts);
  find("#help").addEventListener("click", () => showKeys(rows.map((row) => [row.keys, row.words])));
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || find("dialog[open]") || typing(event.target)) return;
    const row = rows.find(({ on }) => on(event));
    if (!row) return;
    event.preventDefault();
    row.act(event);
  });
}

/** Whether keys belong to a field; a slider or a switch needs arrows and space only. */
function typing(target) {
  return target.matches("select, textarea, input:not([type=range], [type=checkbox])");
}
