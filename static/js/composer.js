// The composer: opens and closes the library, and keeps the keyboard where it was.

const picker = document.getElementById("picker");
const words = document.getElementById("picker-words");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open=picker]");
  if (opener) {
    words.value = "";
    picker.dataset.from = opener.getAttribute("hx-get");
    picker.dataset.opener = opener.id;
    picker.showModal();
  }
  if (event.target === picker || event.target.closest("[data-close=picker]")) picker.close();
});

picker.addEventListener("close", () => document.getElementById(picker.dataset.opener)?.focus());

let waiting;
words.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const address = `${picker.dataset.from}&words=${encodeURIComponent(words.value)}`;
    htmx.ajax("GET", address, "#picker-files");
  }, 200);
});

// A moved slide takes the keyboard along; where its button is gone, the nearest one takes over.
let pressed = "";
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches(".slide__tools button, #slide-add")) pressed = event.target.id;
});
document.addEventListener("arranged", () => {
  const button = findNext(pressed);
  pressed = "";
  if (!button) return;
  button.focus();
  button.closest(".slide")?.scrollIntoView({ block: "nearest" });
});

function findNext(id) {
  const [, place, verb] = id.split("-");
  const slides = document.querySelectorAll(".slide").length;
  if (id === "slide-add") return document.getElementById(`slide-${slides}-text`);
  if (!verb) return null;
  const shift = { up: -1, down: 1, duplicate: 1, remove: 0 }[verb];
  const now = Math.min(Number(place) + shift, slides);
  const same = document.getElementById(`slide-${now}-${verb}`);
  if (same && !same.disabled) return same;
  return document.getElementById(`slide-${now}-text`) ?? document.getElementById("slide-add");
}

// An answer that is not ours (the login page, an error) never replaces what was typed.
const trouble = document.getElementById("composer-trouble");
function tell(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = !sentence;
  if (sentence) trouble.scrollIntoView({ block: "nearest" });
}
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig, target } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
    event.detail.shouldSwap = false;
    tell("You are signed out. Copy what you typed, then sign in again.");
  } else if (xhr.status < 400) tell("");
  if (target.id === "composer-look" && requestConfig.order !== order) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:responseError", () => {
  tell("That did not work. What you typed is still here: try again in a moment.");
});
document.addEventListener("htmx:sendError", () => {
  tell("The portal does not answer. What you typed is still here: try again in a moment.");
});

// A look at slides that were rearranged meanwhile is out of date; the next one is on its way.
let order = 0;
document.addEventListener("htmx:configRequest", ({ detail }) => (detail.order = order));
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "composer-slides") order += 1;
});

// What is typed while a file is on its way stays: the answer holds the texts as they were before.
const texts = () => document.querySelectorAll("#composer-slides textarea");
let before = null;
let typed = [];
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.type === "file") before = new Map([...texts()].map((box) => [box.id, box.value]));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "composer-slides" || !before) return;
  typed = [...texts()].filter((box) => before.has(box.id) && before.get(box.id) !== box.value);
  before = null;
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "composer-slides") return;
  for (const old of typed) {
    const box = document.getElementById(old.id);
    box.value = old.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  typed = [];
});

// Chromium forgets to draw the controls of a sound that was kept while the phone was redrawn.
document.addEventListener("htmx:afterOnLoad", () => {
  for (const player of document.querySelectorAll("#composer-look audio")) {
    player.controls = false;
    player.controls = true;
  }
});

// Leaving with something unsaved is asked about.
const composer = document.getElementById("composer");
let changed = false;
const change = () => (changed = true);
composer.addEventListener("input", (event) => event.target.name !== "face" && change());
document.addEventListener("arranged", change);
let sent = false;
composer.addEventListener("submit", (event) => {
  if (sent) event.preventDefault(); // a double click saves once
  sent = true;
  changed = false;
});
window.addEventListener("pageshow", () => (sent = false));
window.addEventListener("beforeunload", (event) => changed && event.preventDefault());
