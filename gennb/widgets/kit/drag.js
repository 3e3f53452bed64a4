// @ts-check
/**
 * Drag, tap or touch on an element: where, as fractions of the width and height of a frame.
 * @param {HTMLElement} target
 * @param {(x: number, y: number, first: boolean) => void} moved first when it has just been gripped
 * @param {HTMLElement} [frame]
 */
export function draggable(target, moved, frame = target) {
  let held = false, first = false, /** @type {PointerEvent | null} */ from = null;
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!held) return;
    // Where the page scrolls, a finger that goes up or down has come for that; one that is lifted has tapped.
    if (event.type === "pointermove" && from && Math.abs(event.x - from.x) <= Math.abs(event.y - from.y)) return;
    const box = frame.getBoundingClientRect();
    moved((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, first);
    first = false;
  };
  target.classList.add("gnb-draggable");
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (target.tabIndex < 0) event.preventDefault(); // what cannot take the focus leaves it where it is
    held = first = true;
    target.setPointerCapture(event.pointerId);
    from = event.pointerType === "touch" && getComputedStyle(target).touchAction !== "none" ? event : null;
    if (!from) move(event);
  });
  for (const during of ["pointermove", "pointerup"]) target.addEventListener(during, (event) => move(/** @type {PointerEvent} */ (event)));
  target.addEventListener("lostpointercapture", () => (held = false));
}
