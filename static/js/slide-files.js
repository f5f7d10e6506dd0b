// Files on slides: what was uploaded or picked in the library is put on the slide it was meant for.

const say = (detail) => document.dispatchEvent(new CustomEvent("composer:step", { detail }));

// --- Uploaded: together they are one step, in the order of their names ---------------------------------

const arrived = new Map(); // slide → files that arrived for it

document.addEventListener("uploaded", ({ target, detail }) => {
  const key = target.closest("#composer-slides .slide")?.dataset.key;
  if (key) arrived.set(key, [...(arrived.get(key) ?? []), detail]);
});

const byName = (one, other) => one.name.localeCompare(other.name, undefined, { numeric: true });

document.addEventListener("uploads-done", () => {
  for (const [key, files] of arrived) {
    say({ verb: "attach", key, to: files.sort(byName).map(({ id }) => id) });
  }
  arrived.clear();
});

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
