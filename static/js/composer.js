// The composer: posts the form as it is and shows what the server draws from it.
//
// A step (a button with data-step, or a `composer:step` event) rearranges slides; a look follows the
// typing. Every answer is a list of elements: the children of each are morphed into its namesake on
// the page, so that focus, caret, scrolling and playing stay as they are.
//
//   composer:step     {step} or {verb, key, to}: do this, with the slide that bears the key
//   composer:restore  {entries, done}: show this older state of the form
//   composer:show     {html}: show an answer that another part asked for
//   composer:token    {}: have a new token put into the form; `answer` becomes the page it stood in
//   composer:leaving  {waits}: the page is about to be sent; steps under way are put among the waits
//   composer:asking / composer:shown {step} / composer:failed   before, after, instead
//   composer:restoring   an older state is about to take the place of what is here

const form = document.getElementById("composer");
const CONTENT = /^(name|subject|fallback|fallback_text|fallback_link|slide-\d+-(key|text|media))$/;
const SIGNED_OUT =
  "You are signed out. Sign in again in another tab, then go on here: what you typed stays.";
const FAILED = "That did not work. What you typed is still here: try again in a moment.";
const SILENT = "The portal does not answer. What you typed is still here: try again in a moment.";

const cards = () => [...document.querySelectorAll("#composer-slides .slide")];
const cardOf = (key) => cards().find((card) => card.dataset.key === key);
const say = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));

// --- Asking -----------------------------------------------------------------------------------------

const fields = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");

async function ask(step, entries, isSecond = false) {
  const body = new FormData();
  for (const [name, value] of entries) body.append(name, value);
  body.set("do", step);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const headers = { "HX-Request": "true" };
  const answer = await fetch(location.pathname, { method: "POST", body, headers });
  if (answer.redirected) throw new Error(SIGNED_OUT);
  if (answer.status === 403 && !isSecond) {
    if ((await refreshToken()).redirected) throw new Error(SIGNED_OUT);
    return ask(step, entries, true);
  }
  if (!answer.ok) throw new Error(FAILED);
  return answer.text();
}

// Signing in anew changes the token: this page still holds the old one. Whoever is signed out is
// led to another page.
async function refreshToken() {
  const answer = await fetch(location.pathname);
  if (answer.redirected || !answer.ok) return answer;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#composer [name=csrfmiddlewaretoken]")?.value;
  if (token) form.elements.csrfmiddlewaretoken.value = token;
  return answer;
}

document.addEventListener("composer:token", ({ detail }) => (detail.answer = refreshToken()));

// --- One thing after the other ------------------------------------------------------------------------

let line = Promise.resolve();
const queue = (work) => (line = line.then(work, work));

const steps = new Set(); // in line or on their way: each tells at its end whether it went well
function run(step, entries = null) {
  const done = queue(() => take(step, entries));
  steps.add(done);
  return done.finally(() => steps.delete(done));
}

async function take(step, entries) {
  say("composer:asking");
  const wanted = typeof step === "function" ? step() : step;
  if (!wanted) return true;
  const before = { texts: texts(), around: around() };
  form.classList.add("is-working");
  try {
    show(await ask(wanted, entries ?? fields()), { step: wanted, before, entries });
    return true;
  } catch (error) {
    tell(error instanceof TypeError ? SILENT : error.message);
    say("composer:failed");
    return false;
  } finally {
    form.classList.remove("is-working");
  }
}

let isLookDue = false;
let isBlind = false; // a look found nobody: the next answer is followed by another one
function look() {
  if (isLookDue) return;
  isLookDue = true;
  queue(async () => {
    isLookDue = false;
    try {
      show(await ask("look", fields()), { step: "look" });
    } catch (error) {
      isBlind = true;
      // That nobody answers is told beside the title, where saving waits for an answer, too.
      if (!(error instanceof TypeError)) tell(error.message);
    }
  });
}

let pause;
function lookSoon() {
  clearTimeout(pause);
  pause = setTimeout(look, 180);
}

const trouble = document.getElementById("composer-trouble");
function tell(sentence) {
  if (trouble.textContent.trim() !== sentence) trouble.textContent = sentence;
}

// --- Showing ------------------------------------------------------------------------------------------

const MORPH = {
  morphStyle: "innerHTML",
  callbacks: {
    // What scripts put there (bars of uploads, a loaded part) is not the server's to take away.
    beforeNodeMorphed: (old, fresh) =>
      !(old.dataset?.keep !== undefined && old.id && old.id === fresh.id),
    beforeAttributeUpdated: (name) => name !== "style",
  },
};

function show(html, { step = "", before = null, entries = null } = {}) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (before) keepTyped(page, before.texts);
  if (entries) say("composer:restoring");
  if (page.getElementById("composer-slides")) renumber(page);
  const chosen = document.getElementById("selected")?.value;
  const held = hold();
  tell("");
  if (isBlind && step !== "look") lookSoon();
  isBlind = false;
  for (const fresh of page.body.children) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (!old || (old.id === "composer-strip" && old.querySelector(".strip__item--moving"))) continue;
    Idiomorph.morph(old, [...fresh.childNodes], MORPH);
    htmx.process(old);
  }
  const field = document.getElementById("selected");
  if (step === "look" && field && cardOf(chosen)) field.value = chosen;
  if (entries) restoreAround(entries, before.around);
  land(held, step);
  say("composer:shown", { step });
}

// What is typed while an answer is on its way stays: the answer holds the texts as they were before.
const texts = () => new Map(cards().map((card) => [card.dataset.key, card.querySelector("textarea").value]));

function keepTyped(page, before) {
  for (const [key, text] of texts()) {
    if (!before.has(key) || before.get(key) === text) continue;
    const box = page.querySelector(`.slide[data-key="${key}"] textarea`);
    if (!box) continue;
    box.textContent = text;
    lookSoon();
  }
}

// Cards are numbered by their place. Before an answer is morphed in, each takes its new number, so
// that it is the card itself that moves, with its caret and all.
function renumber(page) {
  const places = new Map(
    [...page.querySelectorAll(".slide")].map((card, index) => [card.dataset.key, index + 1]),
  );
  cards().forEach((card, index) => {
    const place = places.get(card.dataset.key) ?? `gone-${index}`;
    for (const part of [card, ...card.querySelectorAll('[id^="slide-"]')]) {
      part.id = part.id.replace(/^slide-\d+/, `slide-${place}`);
    }
  });
}

// The rest of an older state: fields that stand outside the slides. One that was changed while the
// answer was on its way keeps that.
const AROUND = ["name", "subject", "fallback_text", "fallback", "fallback_link"];
const valueOf = ({ type, checked, value }) => (type === "checkbox" ? checked : value);
const around = () => new Map(AROUND.map((name) => [name, valueOf(form.elements[name])]));

function restoreAround(entries, before) {
  const values = new Map(entries);
  for (const [name, now] of around()) {
    const field = form.elements[name];
    if (now !== before.get(name)) lookSoon();
    else if (field.type === "checkbox") field.checked = values.has(name);
    else if (now !== (values.get(name) ?? "")) field.value = values.get(name) ?? "";
  }
}

// --- The keyboard stays where it was, or goes with its slide --------------------------------------------

function hold() {
  const active = document.activeElement;
  const isText = active.matches("textarea, input[type=text]");
  return {
    active,
    isText,
    value: isText ? active.value : "",
    caret: isText ? [active.selectionStart, active.selectionEnd] : null,
    part: active.closest(".slide") && active.id.replace(/^slide-[^-]+/, ""),
    isInStrip: Boolean(active.closest("#strip")),
  };
}

const focus = (element) => element?.focus({ preventScroll: true });

function land(held, step) {
  const { active } = held;
  const card = cardOf(document.getElementById("selected")?.value);
  if (step.startsWith("add")) {
    focus(card?.querySelector("textarea"));
  } else if (held.isInStrip && !step.startsWith("restore") && step !== "look") {
    focus(document.querySelector("#strip [aria-selected=true]"));
  } else if (held.part && step.startsWith("duplicate")) {
    focus(card?.querySelector("textarea"));
  } else if (active.isConnected && active !== document.body && !active.disabled) {
    if (document.activeElement !== active) focus(active);
    if (held.isText) putCaret(held);
  } else if (held.part) {
    const number = card?.id.replace("slide-", "");
    const same = document.getElementById(`slide-${number}${held.part}`);
    const tools = held.active.closest(".slide__tools")?.querySelector("button:not(:disabled)");
    const text = card?.querySelector("textarea") ?? document.getElementById("slide-add");
    focus(same && !same.disabled ? same : (tools ?? text));
  } else if (held.isInStrip) {
    focus(document.querySelector("#strip [aria-selected=true]"));
  }
  if (step && step !== "look" && !step.startsWith("attach")) card?.scrollIntoView({ block: "nearest" });
}

// Where a text was put back, the caret goes behind what came back.
function putCaret({ active, value, caret }) {
  const now = active.value;
  if (now === value) {
    if (active.selectionStart !== caret[0]) active.setSelectionRange(...caret);
    return;
  }
  let tail = 0;
  while (tail < Math.min(now.length, value.length) && now.at(-1 - tail) === value.at(-1 - tail)) tail += 1;
  active.setSelectionRange(now.length - tail, now.length - tail);
}

// --- What starts it -------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.step === undefined) return;
  event.preventDefault();
  run(() => button.value);
});

// Outside the form (in the library's dialog) a step is a button of its own.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-step]");
  if (button && (button.form !== form || button.type !== "submit")) run(button.value);
});

// Parts that ask by htmx for new slides are asked for here, in their turn.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, target } = event.detail;
  if (target?.id !== "composer-slides" || elt.name !== "do") return;
  event.preventDefault();
  run(elt.value);
});

document.addEventListener("composer:step", ({ detail }) => {
  run(() => {
    if (detail.step) return detail.step;
    const index = cards().indexOf(cardOf(detail.key));
    if (index < 0) return detail.verb === "add" ? "add" : "";
    return [detail.verb, index, ...(detail.to ?? [])].join("-");
  });
});

document.addEventListener("composer:restore", async ({ detail: { entries, done } }) => {
  const others = fields().filter(([name]) => !CONTENT.test(name));
  await run("restore", [...others, ...entries]);
  done();
});

document.addEventListener("composer:leaving", ({ detail }) => detail.waits.push(...steps));
window.addEventListener("beforeunload", (event) => steps.size && event.preventDefault());

document.addEventListener("composer:show", ({ detail }) => show(detail.html));

form.addEventListener("input", ({ target }) => {
  if (target.type !== "file" && target.name !== "phone") lookSoon();
});
