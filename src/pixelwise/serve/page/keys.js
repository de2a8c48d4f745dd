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
  const pressed = (key) => (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === key;
  const shifted = (key) => (event) => command(event) && event.shiftKey && event.key.toLowerCase() === key;
  const again = (event) => shifted("z")(event) || pressed("y")(event);
  const digit = (event) => !command(event) && /^[1-9]$/.test(event.key);
  let opacity = session.opacity; // to come back to
  const peek = () => {
    opacity = session.opacity || opacity;
    session.set({ opacity: session.opacity ? 0 : opacity });
  };
  const row = (keys, words, on, act) => ({ keys, words, on, act });
  return [
    row(["H"], "Look around", plain("h"), tool("look")),
    row(["B"], "Brush", plain("b"), tool("brush")),
    row(["E"], "Eraser, back to what was predicted", plain("e"), tool("eraser")),
    row(["P"], "Polygon", plain("p"), tool("polygon")),
    row(["F"], "Fill a region", plain("f"), tool("fill")),
    row(["1 – 9"], "Show or hide a class; paint with it", digit, ({ key }) => choose(session, key - 1)),
    row(["["], "Smaller brush", plain("["), sized(0.8)),
    row(["]"], "Larger brush", plain("]"), sized(1.25)),
    row(["Ctrl", "Z"], "Undo", pressed("z"), () => tools.undo()),
    row(["Ctrl", "Shift", "Z"], "Redo", again, () => tools.redo()),
    row(["Ctrl", "S"], "Save as training data", pressed("s"), () => save(session, api)),
    row(["O"], "Hide the colours, and show them again", plain("o"), peek),
    row(["S"], "Compare by swiping", plain("s"), () => session.set({ compare: !session.compare })),
    row(["U"], "Dim what is unsure", plain("u"), () => session.set({ unsure: !session.unsure })),
    row(["+", "−"], "Larger, smaller", plain("+", "=", "-"), ({ key }) => view.zoom(key === "-" ? 0.8 : 1.25)),
    row(["0"], "Whole image", plain("0"), () => view.fit()),
    row(["Shift", "arrows"], "Move the image", (event) => arrow(event) && event.shiftKey, ({ key }) =>
      view.pan(...ARROWS[key].map((by) => -by * PAN)),
    ),
    row(["arrows"], "Move a pointer that says what is there; with Alt by one pixel", arrow, ({ key, altKey }) =>
      readout.step(...ARROWS[key], altKey),
    ),
    row(["Space"], "Use the tool at the pointer", (event) => onCanvas(event) && event.key === " ", () =>
      tools.tap(readout.target),
    ),
    row(["Enter"], "Close the polygon", (event) => onCanvas(event) && event.key === "Enter", () => tools.close()),
    row(["Esc"], "Give up the polygon, then look around", plain("escape"), () => tools.drop() || tool("look")()),
    row(["Page up"], "The image before", plain("pageup"), next(-1)),
    row(["Page down"], "The next image", plain("pagedown"), next(1)),
    row(["Delete"], "Remove the image", plain("delete"), () => session.current && leave(session, session.current)),
    row(["?"], "These keys", plain("?"), () => find("#help").click()),
  ];
}

export function keys(parts) {
  const rows = table(parts);
  find("#help").addEventListener("click", () => showKeys(rows.map((row) => [row.keys, row.words])));
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || find("dialog[open]") || typing(event.target)) return;
    const found = rows.find(({ on }) => on(event));
    if (!found) return;
    event.preventDefault();
    found.act(event);
  });
}

/** Whether keys belong to a field; a slider or a switch needs arrows and space only. */
function typing(target) {
  return target.matches("select, textarea, input:not([type=range], [type=checkbox])");
}
