// The media library: selecting tiles, and what follows an upload.

const boxes = () => [...document.querySelectorAll("#gallery input[name=file]")];
const count = document.getElementById("bulk-count");

function tellCount() {
  const chosen = boxes().filter((box) => box.checked).length;
  if (count) count.textContent = chosen ? `${chosen} selected` : "";
}

function select(some, checked) {
  for (const box of some) box.checked = checked;
  tellCount();
}

// Shift selects everything from the box before.
let last = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-select]");
  if (button) {
    select(boxes(), button.dataset.select === "all");
    if (button.dataset.select === "none") boxes()[0]?.focus();
  }
  if (!event.target.matches("#gallery input[name=file]")) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) select(all.slice(from, to + 1), event.target.checked);
  last = event.target;
  tellCount();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) select(boxes(), false);
});
window.addEventListener("pageshow", tellCount); // the browser may bring a selection back

// Enter in the field for a tag adds it; only some buttons of the bar ask first.
document.addEventListener(
  "submit",
  ({ target, submitter }) => {
    if (target.id === "changelist-form") target.dataset.confirm = submitter?.dataset.question ?? "";
  },
  true,
);

// A new file is looked at beside the one it may replace; the gallery counts its files again.
let newest = "";
document.addEventListener("uploaded", ({ detail }) => (newest = detail.id));
document.addEventListener("uploads-done", ({ target }) => {
  if (!newest) return;
  if (target.dataset.then) location.assign(target.dataset.then + newest);
  else if (document.querySelector("#gallery")) {
    htmx.ajax("GET", location.href, { target: ".paginator", select: ".paginator", swap: "outerHTML" });
  }
  newest = "";
});
