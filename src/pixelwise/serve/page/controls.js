/** Sliders, switches, tools, zoom and the divider: each shows what the session says, and changes it. */

import { all, find } from "./dom.js";

export function controls(session, view) {
  toolbar(session);
  slider("#opacity", "%", () => 100 * session.opacity, (value) => session.set({ opacity: value / 100 }), session);
  slider("#size", "px", () => session.size, (value) => session.set({ size: value }), session);
  for (const name of ["compare", "unsure"]) {
    const box = find(`#${name}`);
    box.addEventListener("change", () => session.set({ [name]: box.checked }));
    session.on("look", () => (box.checked = session[name]));
  }
  const zooms = { in: () => view.zoom(1.5), out: () => view.zoom(1 / 1.5), fit: () => view.fit() };
  for (const button of all("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
  divider(session, view);
}

function toolbar(session) {
  const buttons = all("[data-tool]");
  const take = (button) => session.set({ tool: button.dataset.tool });
  buttons.forEach((button, place) => {
    button.addEventListener("click", () => take(button));
    button.addEventListener("keydown", ({ key }) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
      const next = step && buttons[(place + step + buttons.length) % buttons.length];
      if (next) [take(next), next.focus()];
    });
  });
  session.on("look", () => {
    document.body.dataset.tool = session.tool;
    for (const button of buttons) {
      const chosen = button.dataset.tool === session.tool;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  });
}

function slider(selector, unit, get, set, session) {
  const input = find(selector), said = find(`${selector}-said`);
  input.addEventListener("input", () => set(Number(input.value)));
  session.on("look", () => {
    input.value = get();
    said.textContent = `${Math.round(get())} ${unit}`;
  });
}

function divider(session, view) {
  const border = find("#divider"), stage = border.parentElement;
  const put = (share) => {
    view.divider = Math.min(1, Math.max(0, share));
    border.style.left = `${100 * view.divider}%`;
    border.setAttribute("aria-valuenow", Math.round(100 * view.divider));
    view.draw();
  };
  const follow = (event) => {
    const box = stage.getBoundingClientRect();
    put((event.clientX - box.left) / box.width);
  };
  border.addEventListener("pointerdown", (event) => {
    border.setPointerCapture(event.pointerId);
    border.focus();
    event.preventDefault();
  });
  border.addEventListener("pointermove", (event) => border.hasPointerCapture(event.pointerId) && follow(event));
  border.addEventListener("keydown", (event) => {
    const goal = { ArrowLeft: view.divider - 0.05, ArrowRight: view.divider + 0.05, Home: 0, End: 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    put(goal);
  });
  session.on("look items", () => (border.hidden = !session.compare || !session.current?.labels));
  put(0.5);
}
