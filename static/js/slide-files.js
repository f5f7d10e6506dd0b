// Files on slides: what was uploaded or picked in the library is put on the slide it was meant for.

const say = (detail) => document.dispatchEvent(new CustomEvent("composer:step", { detail }));

// --- Uploaded: several at once go on where the last one went -----------------------------------------

const meant = new Map(); // the slide they were dropped on → ids that wait
const heads = new Map(); // the same slide → the slide where the last one found its place
let sending = null;

document.addEventListener("uploaded", ({ target, detail }) => {
  const key = target.closest("#composer-slides .slide")?.dataset.key;
  if (!key) return;
  meant.set(key, [...(meant.get(key) ?? []), detail.id]);
  sendNext();
});

function sendNext() {
  if (sending) return;
  const [key] = meant.keys();
  if (!key) return;
  const ids = meant.get(key);
  meant.delete(key);
  sending = key;
  say({ verb: "attach", key: heads.get(key) ?? key, to: ids });
}

document.addEventListener("composer:shown", ({ detail }) => {
  if (!sending || !detail.step.startsWith("attach")) return;
  heads.set(sending, document.getElementById("selected").value);
  sending = null;
  sendNext();
});
document.addEventListener("composer:failed", () => (sending = null));
document.addEventListener("uploads-done", () => setTimeout(forget));
function forget() {
  if (sending || meant.size) return setTimeout(forget, 100);
  heads.clear();
}

// --- Picked ----------------------------------------------------------------------------------------------

const picker = document.getElementById("picker");
const words = document.getElementById("picker-words");

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open=picker]");
  if (opener) open(opener);
  if (target === picker || target.closest("[data-close=picker]")) picker.close();
});

function open(opener) {
  words.value = "";
  picker.dataset.from = opener.dataset.pick;
  picker.dataset.opener = opener.id;
  htmx.ajax("GET", opener.dataset.pick, "#picker-files");
  picker.showModal();
}
picker.addEventListener("close", () => document.getElementById(picker.dataset.opener)?.focus());

let waiting;
words.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const address = `${picker.dataset.from}&words=${encodeURIComponent(words.value)}`;
    htmx.ajax("GET", address, "#picker-files");
  }, 200);
});
