// @ts-check
// Hands on an element. A mouse takes hold at once. A finger may have come to scroll the page: it takes hold when it
// goes sideways or has rested, and one that does neither has tapped.

const REST = 250; // milliseconds
const SLOP = 6; // pixels within which a finger is still at rest

/**
 * Drag, tap or touch on an element: where, as fractions of the width and height of a frame.
 * @param {HTMLElement} target
 * @param {(x: number, y: number, first: boolean) => void} moved first when it has just been gripped
 * @param {{frame?: HTMLElement, mouse?: boolean, atOnce?: (event: PointerEvent) => boolean}} [options] without a mouse,
 *   only a finger or a pen drags; whether one that comes down takes hold at once, as a mouse does
 * @returns {() => boolean} whether a finger or a mouse is on it
 */
export function draggable(target, moved, { frame = target, mouse = true, atOnce = () => false } = {}) {
  let /** @type {PointerEvent | null} */ from = null, held = false, rest = 0;
  const at = (/** @type {PointerEvent} */ event, first = false) => {
    const box = frame.getBoundingClientRect();
    moved((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, first);
  };
  const grip = () => {
    held = true;
    if (from) at(from, true);
  };
  const leave = () => {
    clearTimeout(rest);
    from = null;
    held = false;
  };
  if (mouse) target.classList.add("gnb-draggable");
  target.addEventListener("pointerdown", (event) => {
    const byMouse = event.pointerType === "mouse";
    if (event.button !== 0 || !event.isPrimary || (byMouse && !mouse)) return;
    if (target.tabIndex < 0) event.preventDefault(); // what cannot take the focus leaves it where it is
    target.setPointerCapture(event.pointerId);
    from = event;
    if (byMouse || atOnce(event)) grip();
    else rest = setTimeout(grip, REST);
  });
  target.addEventListener("pointermove", (event) => {
    if (!from) return;
    const aside = Math.abs(event.x - from.x), along = Math.abs(event.y - from.y);
    if (!held && Math.max(aside, along) > SLOP) aside > along ? grip() : leave();
    if (held) at(event);
  });
  target.addEventListener("pointerup", () => {
    if (from && !held) grip();
    leave();
  });
  target.addEventListener("lostpointercapture", leave);
  // From here on the finger is ours, wherever it goes.
  target.addEventListener("touchmove", (event) => held && event.cancelable && event.preventDefault(), { passive: false });
  return () => from !== null;
}
