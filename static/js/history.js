// Undo and redo: every state of the form since the page was opened. Going back posts an older state;
// the server draws it. A pause or leaving a field ends a step of typing.

const form = document.getElementById("composer");
const CONTENT = /^(name|subject|fallback|fallback_text|fallback_link|format|place-\w+|(slide-\d+-)?choice-\d+-\w+|slide-\d+-(key|title|text|media))$/;
const MOST = 300;
const PAUSE = 700;

const read = () => JSON.stringify([...new FormData(form)].filter(([name]) => CONTENT.test(name)));
let states = [read()];
let place = 0;
let pause;

// "Save" loads the page anew; in the same tab, at the same MMS, the history goes on. The server may
// have given slides new keys and the MMS a name.
const KEPT = "magpie-undo";
const bare = (state) =>
  JSON.stringify(JSON.parse(state).filter(([name]) => name !== "name" && !name.endsWith("-key")));

function recall() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept?.address !== location.pathname) return;
  if (bare(kept.states[kept.place]) !== bare(states[0])) return;
  place = kept.place;
  states = kept.states.map((state, index) => (index === place ? states[0] : state));
}

window.addEventListener("pagehide", () => {
  note();
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ address: location.pathname, states, place }));
  } catch {
    sessionStorage.removeItem(KEPT); // more than a browser keeps: the history ends here
  }
});

function note() {
  clearTimeout(pause);
  const state = read();
  if (state === states[place]) return;
  states = [...states.slice(0, place + 1), state].slice(-MOST);
  place = states.length - 1;
  showButtons();
}

function showButtons() {
  const isTyped = read() !== states[place];
  setDisabled("undo", place === 0 && !isTyped);
  setDisabled("redo", place === states.length - 1 || isTyped);
}

// A button that has the keyboard gives it to its neighbour before it goes dark.
function setDisabled(id, isDisabled) {
  const button = document.getElementById(id);
  const hadFocus = document.activeElement === button;
  button.disabled = isDisabled;
  if (isDisabled && hadFocus) {
    const other = document.getElementById(id === "undo" ? "redo" : "undo");
    (other.disabled ? document.getElementById("strip-add") : other).focus();
  }
}

let going = null; // the place on the way to which we are
function go(by) {
  note();
  const wanted = place + by;
  if (going !== null || wanted < 0 || wanted >= states.length) return;
  going = wanted;
  const entries = JSON.parse(states[wanted]);
  const done = () => {
    going = null;
    showButtons();
  };
  document.dispatchEvent(new CustomEvent("composer:restore", { detail: { entries, done } }));
}

function arrive() {
  document.getElementById("composer-note").textContent = going < place ? "Undone." : "Done again.";
  place = going;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-history]");
  if (button) go(button.dataset.history === "undo" ? -1 : 1);
});

// One history for typing and for slides: Ctrl+Z in the composer's own fields is ours. Other fields
// (a search, a phone number) keep their own.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const by = key === "z" ? (event.shiftKey ? 1 : -1) : key === "y" && !event.shiftKey ? 1 : 0;
  const { target } = event;
  const isOurs = target === document.body || target.closest("#composer, .composer-head");
  const isOther = target.matches("input, textarea, select") && !CONTENT.test(target.name);
  if (!by || !isOurs || (isOther && target.type !== "radio" && target.type !== "checkbox")) return;
  event.preventDefault();
  go(by);
});

form.addEventListener("input", ({ target }) => {
  if (!CONTENT.test(target.name)) return;
  clearTimeout(pause);
  pause = setTimeout(note, PAUSE);
  showButtons();
});
form.addEventListener("change", note);
document.addEventListener("composer:asking", note);
document.addEventListener("composer:restoring", note);
document.addEventListener("composer:shown", ({ detail }) => {
  if (detail.step === "restore" && going !== null) arrive();
  note();
});

recall();
showButtons();
