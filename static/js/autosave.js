// Saving by itself: a moment after the last change, again and again until it is answered. It stops
// where somebody else saved other words, until a person decides.

const form = document.getElementById("composer");
const line = document.getElementById("save-state");
const note = document.getElementById("save-note");
const CONTENT = /^(name|subject|fallback|fallback_text|fallback_link|format|place-\w+|(slide-\d+-)?choice-\d+-\w+|slide-\d+-(key|title|text|media))$/;
const WAIT = 1500;
const AT_LATEST = 10_000;
const BACK_OFF = [2, 4, 8, 15, 30, 60];
const SILENT = "Not saved: the portal does not answer – trying again";
const SIGNED_OUT = "Not saved: you are signed out. Sign in again in another tab";
const NOT_ALLOWED = "Not saved: you may not change this MMS any more";

let changes = form.dataset.unsaved === undefined ? 0 : 1;
let saved = 0;
let changedAt = 0; // the first change that is not saved
let isStopped = false;
let isLeaving = false;
let failures = 0;
let refused = 0; // the change up to which it cannot be kept
let timer;
let underway = null; // the save that waits for its answer
let unanswered = null; // what was sent and never answered: sent again as it was

// --- The line beside the title: seen always, heard only when something changed -------------------------

let savedAt = line.dataset.savedAt ? Date.parse(line.dataset.savedAt) : 0;
let words = "";

function ago(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} days ago`;
}

function show() {
  const text = words || (savedAt ? `Saved ${ago(Date.now() - savedAt)}` : "Not saved yet");
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("save-state--bad", words.startsWith("Not saved"));
}

function tell(sentence, isHeard = false) {
  words = sentence;
  show();
  if (isHeard && note.textContent !== sentence) note.textContent = sentence;
}
setInterval(show, 1000);

// --- When -------------------------------------------------------------------------------------------------

const isUnsaved = () => changes !== saved || unanswered !== null;

function touch() {
  changes += 1;
  changedAt ||= Date.now();
  if (isStopped) return;
  if (!failures) tell("Saving…");
  plan(Math.max(0, Math.min(WAIT, changedAt + AT_LATEST - Date.now())));
}

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

form.addEventListener("input", ({ target }) => CONTENT.test(target.name) && touch());
document.addEventListener("composer:shown", ({ detail }) => {
  if (detail.step && detail.step !== "look") touch();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && isUnsaved()) save();
});
window.addEventListener("online", () => isUnsaved() && save());
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || event.shiftKey) return;
  event.preventDefault();
  note.textContent = "";
  if (changes === saved) changes += 1;
  save().then(() => isUnsaved() || (note.textContent = "Saved."));
});

// --- Saving -----------------------------------------------------------------------------------------------

function collect() {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (typeof value !== "string") body.delete(name);
  body.set("do", "autosave");
  return { body, covers: changes };
}

function save() {
  clearTimeout(timer);
  if (isStopped || !isUnsaved()) return Promise.resolve();
  underway ??= send().finally(() => {
    underway = null;
    if (!isStopped && !failures && changes !== saved && changes !== refused) plan(WAIT);
  });
  return underway;
}

async function send() {
  unanswered ??= collect();
  if (!failures) tell("Saving…");
  const answer = await post(unanswered.body);
  if (!answer || answer.status >= 500) return tryAgain(SILENT);
  if (answer.redirected) return tryAgain(SIGNED_OUT);
  if (!answer.ok) return tryAgain(NOT_ALLOWED);
  const html = await answer.text();
  document.dispatchEvent(new CustomEvent("composer:show", { detail: { html } }));
  return take(document.querySelector("#composer-saved [data-edit-number], #composer-saved [data-problem]"));
}

async function post(body, isSecond = false) {
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(location.pathname, { method: "POST", body, headers });
    if (answer.status !== 403 || isSecond) return answer;
    const page = await refreshToken();
    return page.redirected ? page : post(body, true);
  } catch {
    return null;
  }
}

function refreshToken() {
  const detail = {};
  document.dispatchEvent(new CustomEvent("composer:token", { detail }));
  return detail.answer;
}

function tryAgain(sentence) {
  tell(sentence, true);
  plan(1000 * BACK_OFF[Math.min(failures, BACK_OFF.length - 1)]);
  failures += 1;
}

function take(state) {
  const { covers } = unanswered;
  unanswered = null;
  const hadFailed = failures > 0;
  failures = 0;
  if (isConflict()) return stop();
  if (state.dataset.problem !== undefined) {
    refused = covers;
    return tell(`Not saved: ${state.dataset.problem}`, true);
  }
  form.elements.edit_number.value = state.dataset.editNumber;
  form.elements.name.placeholder = state.dataset.name;
  if (location.pathname !== state.dataset.address) {
    history.replaceState(history.state, "", state.dataset.address + location.search);
  }
  document.body.dispatchEvent(new CustomEvent("composer-saved"));
  // The slides are drawn anew without the files that were deleted: that names them.
  if (state.dataset.lost !== undefined) {
    document.dispatchEvent(new CustomEvent("composer:step", { detail: { step: "redraw" } }));
  }
  document.title = `${state.dataset.name} · Magpie`;
  saved = covers;
  savedAt = Date.now();
  changedAt = changes === saved ? 0 : savedAt;
  tell(changes === saved ? "" : "Saving…");
  if (hadFailed) note.textContent = "Saved again.";
  return null;
}

// --- A conflict ---------------------------------------------------------------------------------------------

const isConflict = () => Boolean(document.querySelector("#composer-conflict .conflict"));

function stop() {
  isStopped = true;
  clearTimeout(timer);
  tell("Not saved until you choose");
  const notice = document.querySelector("#composer-conflict .conflict");
  notice.scrollIntoView({ block: "nearest" });
  notice.focus({ preventScroll: true });
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("a[data-decides]")) isLeaving = true;
});

// --- Leaving ------------------------------------------------------------------------------------------------

let isSent = false;
form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.dataset.step !== undefined) return;
  if (isSent) return event.preventDefault(); // a double click saves once
  const waits = underway ? [underway.then(() => true)] : []; // a new MMS is not made twice
  document.dispatchEvent(new CustomEvent("composer:leaving", { detail: { waits } }));
  if (waits.length) {
    event.preventDefault();
    const isWell = (await Promise.all(waits)).every(Boolean); // else a sentence says what was not done
    const mayGo = isWell && (!isStopped || button?.dataset.decides !== undefined);
    if (mayGo && !isSent) form.requestSubmit(button);
    return null;
  }
  isSent = isLeaving = true;
  clearTimeout(timer);
  return null;
});
window.addEventListener("pageshow", () => (isSent = isLeaving = false));
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && isUnsaved()) event.preventDefault();
});

// --- Who else is here ---------------------------------------------------------------------------------------

function presence(word) {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "tab", "edit_number"]) {
    body.set(name, form.elements[name].value);
  }
  body.set("do", word);
  return body;
}

async function beHere() {
  if (document.hidden || underway) return;
  const number = form.elements.edit_number.value;
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(location.pathname, { method: "POST", body: presence("here"), headers });
    if (!answer.ok || answer.redirected || isStopped) return;
    const html = await answer.text();
    if (underway || number !== form.elements.edit_number.value) return; // of an older state
    document.dispatchEvent(new CustomEvent("composer:show", { detail: { html } }));
    if (isConflict()) stop();
  } catch {
    // Saving will tell when nobody answers.
  }
}
setInterval(beHere, 10_000);
setTimeout(beHere, 1500);
window.addEventListener("pagehide", () => navigator.sendBeacon(location.pathname, presence("leave")));

// A name that nobody gave is replaced by what one types.
form.elements.name.addEventListener("focus", ({ target }) => {
  if (target.dataset.isUntitled !== undefined) target.select();
});
form.elements.name.addEventListener("input", ({ target }) => delete target.dataset.isUntitled);

if (isConflict()) stop();
else if (changes) tell("Not saved yet");
show();
