// @ts-check
/**
 * Drag, tap or touch on an element: where, as fractions of its width and height.
 * @param {HTMLElement} target
 * @param {(x: number, y: number) => void} moved
 */
export function draggable(target, moved) {
  let held = false, /** @type {PointerEvent | null} */ from = null;
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!held) return;
    // Where the page scrolls, a finger that goes up or down has come for that; one that is lifted has tapped.
    if (event.type === "pointermove" && from && Math.abs(event.x - from.x) <= Math.abs(event.y - from.y)) return;
    const box = target.getBoundingClientRect();
    moved((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    target.setPointerCapture(event.pointerId);
    from = event.pointerType === "touch" && getComputedStyle(target).touchAction !== "none" ? event : null;
    if (!from) move(event);
  });
  for (const during of ["pointermove", "pointerup"]) target.addEventListener(during, move);
  target.addEventListener("lostpointercapture", () => (held = false));
}
