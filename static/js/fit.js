// The panel that makes a file fit swaps itself: the keyboard stays in it.

let held = "";
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  held = target.matches(".fit") && target.contains(document.activeElement) ? target.id : "";
});
document.addEventListener("htmx:afterSwap", () => {
  const panel = held && document.getElementById(held);
  if (panel && !panel.contains(document.activeElement)) panel.focus({ preventScroll: true });
  held = "";
});
