// The strip of slides: choosing one, moving it by drag or by keys, and the phone that follows.

const strip = () => document.getElementById("strip");
const items = () => [...document.querySelectorAll("#strip .strip__item")];
const cards = () => [...document.querySelectorAll("#composer-slides .slide")];
const chosen = () => items().find((item) => item.getAttribute("aria-selected") === "true");
const mayMove = () => strip().dataset.isFixed === undefined;
const ask = (detail) => document.dispatchEvent(new CustomEvent("composer:step", { detail }));
const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";

// --- Choosing -----------------------------------------------------------------------------------------

let shown = chosen()?.dataset.key;

function choose(item) {
  if (!item) return;
  for (const other of items()) {
    other.setAttribute("aria-selected", String(other === item));
    other.tabIndex = other === item ? 0 : -1;
  }
  const field = document.getElementById("selected");
  if (field) field.value = item.dataset.key;
  follow(item);
}

function follow(item) {
  if (item.dataset.key !== shown) showOnPhone(Number(item.dataset.number));
  shown = item.dataset.key;
  const box = strip();
  const isAcross = box.scrollWidth > box.clientWidth + 1;
  if (isAcross) box.scrollTo({ left: item.offsetLeft - box.clientWidth / 3, behavior });
  else if (box.scrollHeight > box.clientHeight + 1) item.scrollIntoView({ block: "nearest" });
}

function showOnPhone(slide) {
  document.dispatchEvent(new CustomEvent("phone:show", { detail: { slide } }));
}

const cardOf = (item) => cards().find((card) => card.dataset.key === item.dataset.key);
const showCard = (item) => cardOf(item)?.scrollIntoView({ block: "nearest", behavior });

function write(item) {
  showCard(item);
  cardOf(item)?.querySelector("textarea, input[type=text]")?.focus({ preventScroll: true });
}

document.addEventListener("click", ({ target }) => {
  const item = target.closest("#strip .strip__item");
  if (!item) return;
  choose(item);
  showCard(item);
});
document.addEventListener("dblclick", ({ target }) => {
  const item = target.closest("#strip .strip__item");
  if (item) write(item);
});
document.addEventListener("focusin", ({ target }) => {
  const card = target.closest("#composer-slides .slide");
  if (!card) return;
  const item = items().find((other) => other.dataset.key === card.dataset.key);
  if (item && item !== chosen()) choose(item);
});

// A link to a slide, a field or the check leads the keyboard there, too.
document.addEventListener("click", (event) => {
  const link = event.target.closest('#composer a[href^="#"]');
  const place = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!place) return;
  event.preventDefault();
  const card = place.closest("#composer-slides .slide");
  const item = card && items().find((other) => other.dataset.key === card.dataset.key);
  if (item) choose(item);
  place.scrollIntoView({ block: card ? "nearest" : "start", behavior });
  const field = place.matches("input, textarea, select")
    ? place
    : card?.querySelector("textarea, input[type=text]");
  if (!field) place.tabIndex = -1;
  (field ?? place).focus({ preventScroll: true });
});

// --- Keys ---------------------------------------------------------------------------------------------

const BACK = new Set(["ArrowUp", "ArrowLeft"]);
const ON = new Set(["ArrowDown", "ArrowRight"]);

function wander(item, key) {
  const all = items();
  const place = all.indexOf(item) + (BACK.has(key) ? -1 : 1);
  const next = key === "Home" ? all[0] : key === "End" ? all.at(-1) : all[place];
  if (!next) return;
  choose(next);
  next.focus({ preventScroll: true });
  showCard(next);
}

function change(event, key) {
  if (!mayMove()) return false;
  if (event.altKey && BACK.has(event.key)) ask({ verb: "up", key });
  else if (event.altKey && ON.has(event.key)) ask({ verb: "down", key });
  else if (event.key === "Delete" || event.key === "Backspace") ask({ verb: "remove", key });
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const isDuplicate = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d";
  const inComposer = event.target.closest("#strip, #composer-slides");
  if (isDuplicate && inComposer && mayMove() && chosen()) {
    event.preventDefault();
    ask({ verb: "duplicate", key: chosen().dataset.key });
    return;
  }
  const item = event.target.closest("#strip .strip__item");
  if (!item || event.ctrlKey || event.metaKey) return;
  if (change(event, item.dataset.key)) event.preventDefault();
  else if (event.altKey) return;
  else if (BACK.has(event.key) || ON.has(event.key) || event.key === "Home" || event.key === "End") {
    event.preventDefault();
    wander(item, event.key);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    write(item);
  }
});

// Escape leads from the text of a slide to its place in the strip, Enter back again.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (!event.target.matches("#composer-slides .slide :is(textarea, input[type=text])")) return;
  if (document.querySelector(":popover-open, dialog[open]")) return;
  chosen()?.focus({ preventScroll: true });
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-on-selected]");
  if (button) ask({ verb: button.dataset.onSelected, key: chosen()?.dataset.key });
});

// --- Dragging -----------------------------------------------------------------------------------------

function order() {
  const box = strip();
  box.append(...items().sort((one, other) => one.dataset.number - other.dataset.number));
}

function drop({ item, oldIndex, newIndex }) {
  if (oldIndex === newIndex) return;
  choose(item);
  ask({ verb: "move", key: item.dataset.key, to: [newIndex] });
}

function makeSortable() {
  const box = strip();
  if (!mayMove() || !globalThis.Sortable || Sortable.get(box)) return;
  Sortable.create(box, {
    animation: behavior === "smooth" ? 160 : 0,
    delay: 180,
    delayOnTouchOnly: true,
    draggable: ".strip__item",
    ghostClass: "strip__item--moving",
    onEnd: drop,
  });
}

// --- The rest -----------------------------------------------------------------------------------------

document.addEventListener("composer:shown", ({ detail }) => {
  makeSortable();
  const item = items().find(({ dataset }) => dataset.key === document.getElementById("selected")?.value);
  if (!item) return;
  if (item !== chosen()) choose(item);
  else if (detail.step !== "look") follow(item);
});
document.addEventListener("composer:failed", order);
makeSortable();

// On a small screen the phone is a sheet of its own; the keyboard comes back to the button.
const sheet = document.getElementById("preview");
const wide = matchMedia("(min-width: 56rem)");
document.addEventListener("click", ({ target }) => {
  if (target.closest("#preview-open")) {
    sheet.showModal();
    showOnPhone(Number(chosen()?.dataset.number ?? 1));
  } else if (target.closest("[data-close=preview]")) sheet.close();
});
sheet.addEventListener("close", () => document.getElementById("preview-open")?.focus());
wide.addEventListener("change", () => wide.matches && sheet.open && sheet.close());
