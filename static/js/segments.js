// The editor of a segment: steps and choices bring its rows anew, typing brings its count. The
// server does all of it; the latest answer wins.

const form = document.getElementById("segment");
const rows = document.getElementById("segment-rows");
const verdict = document.getElementById("segment-verdict");
const trouble = document.getElementById("segment-trouble");
const note = document.getElementById("segment-unsaved");
const WAIT = 300;
const SILENT = "The portal does not answer: what you wrote is still here. Try again in a moment.";

let changes = 0;
let isUnsaved = form.dataset.unsaved !== undefined;
let isLeaving = false;

function touch() {
  changes += 1;
  isUnsaved = true;
  note.hidden = false;
}

async function post(url, step, signal) {
  const body = new FormData(form);
  body.set("do", step);
  const answer = await fetch(url, { method: "POST", body, signal, redirect: "manual" });
  if (!answer.ok) throw new Error(String(answer.status));
  trouble.hidden = true;
  return answer.text();
}

function tell(error) {
  if (error.name === "AbortError") return;
  trouble.textContent = SILENT;
  trouble.hidden = false;
}

// --- Counting -----------------------------------------------------------------------------------

let counting = new AbortController();
let pause;

async function count() {
  counting.abort();
  counting = new AbortController();
  verdict.setAttribute("aria-busy", "true");
  const { signal } = counting;
  try {
    const html = await post(form.dataset.count, "", signal);
    if (signal.aborted) return;
    verdict.innerHTML = html;
    verdict.removeAttribute("aria-busy");
  } catch (error) {
    tell(error);
  }
}

function countSoon() {
  clearTimeout(pause);
  counting.abort();
  pause = setTimeout(count, WAIT);
}

// --- Rows ---------------------------------------------------------------------------------------

let turn = Promise.resolve();
let hadHow = new Set(); // the rows that had a comparison before the last answer

// One step after the other. What is chosen or typed meanwhile is not lost: the step is asked for again.
function take(step) {
  touch();
  turn = turn.then(() => bring(step)).catch(tell).then(countSoon);
}

async function bring(step) {
  let html, seen;
  do {
    seen = changes;
    html = await post(form.dataset.rows, step);
  } while (seen !== changes);
  const focused = document.activeElement;
  const id = rows.contains(focused) ? focused.id : "";
  hadHow = new Set([...rows.querySelectorAll("select[name=how]")].map((how) => how.id.replace(/-how$/, "")));
  // Morphed, so that a select keeps the letters that are typed in it.
  Idiomorph.morph(rows, html, { morphStyle: "innerHTML" });
  land(id);
}

// Whoever left a choice by Tab before its comparison was there goes back to that.
function passed(id) {
  const row = document.getElementById(id)?.closest(".segment-row");
  return row && !hadHow.has(row.id) && id.match(/-(up|down|duplicate|remove)$/) ? `${row.id}-how` : id;
}

// The keyboard goes on where the step led: to the new row, with the moved one, or where it was.
const CONTROLS = { up: ["up", "down"], down: ["down", "up"], remove: ["remove", "about", "node"] };

function land(id) {
  const to = rows.querySelector("[data-go]");
  const controls = to ? (CONTROLS[to.dataset.step] ?? ["about", "node"]) : [];
  const places = to ? controls.map((control) => `at-${to.dataset.go}-${control}`) : [passed(id)];
  const found = places.map((place) => document.getElementById(place)).find((place) => place && !place.disabled);
  (found ?? (to && rows.querySelector("[name=do]")))?.focus();
}

// --- What people do -----------------------------------------------------------------------------

form.addEventListener("input", (event) => {
  touch();
  if (!event.target.matches("select, [name=name]")) countSoon();
});
form.addEventListener("change", ({ target }) => {
  if (target.matches("select[name=node], select[name=about], select[name=how]")) take("");
  else if (target.matches("[name=value]")) countSoon();
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button || button.value === "save") return;
  event.preventDefault();
  if (button.value === "count") count();
  else take(button.value);
});

// In a row the keyboard does what its buttons do.
const KEYS = { ArrowUp: "up", ArrowDown: "down", d: "duplicate", Delete: "remove", Enter: "after" };
form.addEventListener("keydown", (event) => {
  const step = event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.key];
  const place = step && event.target.closest("[data-path]")?.dataset.path;
  if (!place) return;
  event.preventDefault();
  take(`${step} ${place}`);
});

form.addEventListener("submit", () => {
  isLeaving = true;
});
window.addEventListener("beforeunload", (event) => {
  if (isUnsaved && !isLeaving) event.preventDefault();
});

note.hidden = !isUnsaved;
count();
