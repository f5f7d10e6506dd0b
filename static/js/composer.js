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
const CONTENT = /^(name|subject|fallback|fallback_text|fallback_link|format|place-\w+|(slide-\d+-)?choice-\d+-\w+|slide-\d+-(key|title|text|media))$/;
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
    beforeAttributeUpdated: (name, node) => name !== "style" && !(name === "open" && node.matches("details")),
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
// A field is known by the key of its card and its own id without the card's number.
const TYPED = "textarea, input[type=text]";
const partOf = (field) => field.id.replace(/^slide-[^-]+/, "");
const cardKey = (field) => field.closest(".slide")?.dataset.key ?? "";
const typedIn = (root) =>
  new Map([...root.querySelectorAll(TYPED)].map((field) => [`${cardKey(field)} ${partOf(field)}`, field]));
const texts = () =>
  new Map([...typedIn(document.getElementById("composer-slides"))].map(([at, field]) => [at, field.value]));

function keepTyped(page, before) {
  const fresh = page.getElementById("composer-slides");
  if (!fresh) return;
  const fields = typedIn(fresh);
  for (const [at, text] of texts()) {
    const field = fields.get(at);
    if (!field || !before.has(at) || before.get(at) === text) continue;
    if (field.matches("textarea")) field.textContent = text;
    else field.setAttribute("value", text);
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
    isInNote: Boolean(active.closest("#format-note")),
  };
}

const focus = (element) => element?.focus({ preventScroll: true });

function land(held, step) {
  const { active } = held;
  const card = cardOf(document.getElementById("selected")?.value);
  if (/^\w+choice\b/.test(step)) {
    focus(choiceAfter(step) ?? active);
  } else if (/^add\b/.test(step)) {
    focus(card?.querySelector(TYPED));
  } else if (held.isInStrip && !step.startsWith("restore") && step !== "look") {
    focus(document.querySelector("#strip [aria-selected=true]"));
  } else if (held.part && step.startsWith("duplicate")) {
    focus(card?.querySelector(TYPED));
  } else if (active.isConnected && active !== document.body && !active.disabled) {
    if (document.activeElement !== active) focus(active);
    if (held.isText) putCaret(held);
  } else if (held.part) {
    const number = card?.id.replace("slide-", "");
    const same = document.getElementById(`slide-${number}${held.part}`);
    const tools = held.active.closest(".slide__tools")?.querySelector("button:not(:disabled)");
    const text = card?.querySelector(TYPED) ?? document.getElementById("slide-add");
    focus(same && !same.disabled ? same : (tools ?? text));
  } else if (held.isInStrip) {
    focus(document.querySelector("#strip [aria-selected=true]"));
  } else if (held.isInNote) {
    focus(document.querySelector(".format[aria-pressed=true]"));
  }
  if (step && !/^(look|attach|format|\w+choice)\b/.test(step)) card?.scrollIntoView({ block: "nearest" });
}

// A new choice is written at once; a moved one keeps its button; after one that was removed comes
// the next.
function choiceAfter(step) {
  const [verb, ...numbers] = step.split("-");
  const isOuter = numbers.length === (verb === "addchoice" ? 0 : 1);
  const owner = isOuter ? document.getElementById("choices") : cards()[Number(numbers.shift())];
  const rows = [...(owner?.querySelectorAll(".message-choice") ?? [])];
  const place = Number(numbers[0]) + ({ upchoice: -1, downchoice: 1 }[verb] ?? 0);
  const row = verb === "addchoice" ? rows.at(-1) : (rows[place] ?? rows.at(-1));
  if (!row) return owner?.querySelector(".message-choices__add button");
  if (verb === "addchoice") return row.querySelector(".message-choice__title");
  const button = document.getElementById(`${row.id}-${verb.replace("choice", "")}`);
  return button?.disabled ? row.querySelector(".message-choice__tools button:not(:disabled)") : button;
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

// The channel that it is checked for stays chosen when the page is loaded anew.
form.addEventListener("change", ({ target }) => {
  if (target.id !== "channel") return;
  const address = new URL(location.href);
  address.searchParams.set("channel", target.value);
  if (!target.value) address.searchParams.delete("channel");
  history.replaceState(history.state, "", address);
});

// What a choice leads to has another field for each kind.
form.addEventListener("change", ({ target }) => target.matches(".message-choice__kind") && run("redraw"));

document.addEventListener("composer:leaving", ({ detail }) => detail.waits.push(...steps));
window.addEventListener("beforeunload", (event) => steps.size && event.preventDefault());

document.addEventListener("composer:show", ({ detail }) => show(detail.html));

form.addEventListener("input", ({ target }) => {
  if (target.type !== "file" && target.name !== "phone") lookSoon();
});
