/** Mouse, fingers and pen on the canvas: move and zoom the image, or use the tool. */

const STILL = 5; // CSS pixels that a click may wander

export function pointers(canvas, session, view, tools, readout) {
  const down = new Map(); // pointer id to where it is on the canvas, (y, x) in CSS pixels
  let travelled = 0, painting = false, pinched = false;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientY - box.top, event.clientX - box.left];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 2) return;
    canvas.setPointerCapture(event.pointerId);
    readout.at(place(event));
    canvas.focus({ preventScroll: true });
    down.set(event.pointerId, place(event));
    if (down.size === 1) {
      [travelled, pinched] = [0, false];
      painting = tools.drags && event.button === 0;
      if (painting) tools.down(view.inImage(...place(event)));
    } else {
      pinched = true;
      if (painting) tools.cancel();
      painting = false;
    }
    event.preventDefault(); // no middle-button scrolling, no text selection
  });

  canvas.addEventListener("pointermove", (event) => {
    const at = place(event), before = down.get(event.pointerId);
    readout.at(at);
    if (!before) return;
    if (painting) {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length ? all : [event]) tools.move(view.inImage(...place(each)));
    } else if (down.size === 2) pinch(event.pointerId, before, at);
    else if (down.size === 1) {
      travelled += Math.hypot(at[0] - before[0], at[1] - before[1]);
      if (travelled > STILL) view.pan(at[0] - before[0], at[1] - before[1]);
    }
    down.set(event.pointerId, at);
  });

  const pinch = (id, before, at) => {
    const [, other] = [...down].find(([each]) => each !== id);
    const apart = (point) => Math.max(1, Math.hypot(point[0] - other[0], point[1] - other[1]));
    view.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    view.zoom(apart(at) / apart(before), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  };

  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (painting) tools.up();
    else if (event.type === "pointerup" && !pinched && travelled <= STILL && event.button === 0)
      tools.tap(view.inImage(...place(event)));
    painting = false;
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && readout.gone());
  canvas.addEventListener("dblclick", () => session.tool === "look" && view.fit());
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      view.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), ...place(event));
    },
    { passive: false },
  );
}
