// The inbox by keyboard: keys move between conversations and press the buttons that are there.
// A page that nobody sees does not ask for news.

const list = document.querySelector("[data-inbox]");
const conversation = document.querySelector("[data-conversation]");
const field = document.getElementById("id_text");
const ORDER = "magpie.inbox.order";
const KEYS_OFF = "magpie.inbox.keys-off";

function recall(store, name) {
  try {
    return store.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(store, name, value) {
  try {
    store.setItem(name, value);
  } catch {
    // the keys work all the same
  }
}

// --- Single keys can be switched off -------------------------------------------------------------

const keysOn = document.querySelector("[data-keys-on]");
keysOn.checked = recall(localStorage, KEYS_OFF) !== "yes";
keysOn.addEventListener("change", () => keep(localStorage, KEYS_OFF, keysOn.checked ? "" : "yes"));

// --- Moving --------------------------------------------------------------------------------------

const links = list ? [...list.querySelectorAll(".thread__link")] : [];
const chosen = () => document.activeElement?.closest("[data-thread]");

if (list && links.length) keep(sessionStorage, ORDER, JSON.stringify(links.map((a) => a.pathname)));

function move(step) {
  if (conversation) {
    const order = JSON.parse(recall(sessionStorage, ORDER) ?? "[]");
    const at = order.indexOf(location.pathname);
    const next = order[at + step];
    if (at >= 0 && next) location.assign(next);
    return;
  }
  const at = links.indexOf(chosen()?.querySelector(".thread__link"));
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

function press(key) {
  if (list) {
    const tick = chosen()?.querySelector("input[type=checkbox]");
    if (!tick) return;
    for (const each of list.querySelectorAll("[data-thread] input[type=checkbox]")) {
      each.checked = each === tick;
    }
  }
  document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
}

function search() {
  const box = document.querySelector("[data-search]");
  if (box) box.focus();
  else location.assign(document.querySelector("[data-back]").pathname + "#inbox-q");
}

function tick() {
  const box = chosen()?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function showKeys() {
  const keys = document.querySelector("[data-keys]");
  keys.open = !keys.open;
  if (keys.open) keys.querySelector("summary").focus();
}

const ACTIONS = {
  j: () => move(1),
  arrowdown: () => list && move(1),
  k: () => move(-1),
  arrowup: () => list && move(-1),
  x: tick,
  r: () => field?.focus(),
  i: () => document.querySelector("[data-back]")?.click(),
  "/": search,
  "?": showKeys,
  u: () => press("u"),
  a: () => press("a"),
  d: () => press("d"),
  o: () => conversation && press("o"),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === field) field.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form?.matches("[data-reply]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  const isTyping = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
  const isBusy = isTyping || event.repeat || document.querySelector("dialog[open]");
  if (isBusy || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  const action = ACTIONS[event.key.toLowerCase()];
  const isScrolling = event.key.startsWith("Arrow") && !list;
  if (!action || isScrolling) return;
  event.preventDefault();
  action();
});

// --- Coming from elsewhere -----------------------------------------------------------------------

const named = location.hash.slice(1);
if (named === "inbox-q") document.getElementById(named)?.focus();
if (list && named.startsWith("thread-")) {
  document.getElementById(named)?.querySelector(".thread__link").focus();
}

// --- News only while somebody looks --------------------------------------------------------------

document.addEventListener("htmx:beforeRequest", (event) => {
  const isPoll = event.target.getAttribute("hx-trigger")?.startsWith("every");
  if (isPoll && document.hidden) event.preventDefault();
});
