// Uploads: what is dropped, pasted or chosen travels three files at a time, each with its bar.
//
// <section data-upload="address" data-upload-list="id of an element for the bars"> is a zone: it takes
// files that are dropped or pasted into it, or chosen with a file input in it. Besides:
//   data-upload-max, -limit   bytes that one file may have, and the same in words
//   data-upload-gallery       id of a list that finished tiles slide into
//   data-upload-page          takes what is dropped or pasted anywhere else on the page, too
// Each file kept sends `uploaded` ({id, name}) from the zone; `uploads-done` follows the last one.
// Zones may be swapped at any time: a file on its way finds its zone again by the zone's id.

const AT_ONCE = 3;
const SIGNED_OUT = "You are signed out. Sign in again in another tab, then try again.";
const NOT_ALLOWED = "You may not upload files. Ask an administrator.";
const BROKEN_OFF = "The connection broke off. Try again.";
const FAILED = "That did not work. Try again in a moment.";

const waiting = [];
let travelling = 0;

// --- The bars: one panel per list ------------------------------------------------------------------

const panels = new Map();

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function makeBar(label) {
  const bar = make("progress", "meter");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", label);
  return bar;
}

function makeButton(word, className, press) {
  const button = make("button", className, word);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}

function makePanel(listId) {
  const panel = { listId, total: 0, kept: 0, refused: 0, told: 0 };
  panel.element = make("section", "uploads");
  panel.element.setAttribute("aria-label", "Uploads");
  panel.line = make("p", "uploads__line");
  panel.bar = makeBar("All uploads");
  panel.rows = make("ul", "uploads__rows");
  panel.note = make("p", "visually-hidden");
  panel.note.setAttribute("role", "status");
  panel.clear = makeButton("Clear", "button button--quiet button--small", () => clear(panel));
  const head = make("div", "uploads__head");
  head.append(panel.line, panel.clear);
  panel.element.append(head, panel.bar, panel.rows, panel.note);
  return panel;
}

function panelOf(zone) {
  const listId = zone.dataset.uploadList ?? "";
  if (!panels.has(listId)) panels.set(listId, makePanel(listId));
  return panels.get(listId);
}

function place(panel) {
  const list = document.getElementById(panel.listId);
  if (list && panel.total && !list.contains(panel.element)) list.append(panel.element);
}

function clear(panel) {
  panel.element.remove();
  panels.delete(panel.listId);
  document.querySelector(`[data-upload-list="${panel.listId}"] input[type=file]`)?.focus();
}

const settled = (panel) => panel.kept + panel.refused;
const isDone = (panel) => settled(panel) === panel.total;

function showPanel(panel) {
  const refused = panel.refused ? ` · ${panel.refused} refused` : "";
  const files = panel.total === 1 ? "file" : "files";
  panel.line.textContent = isDone(panel)
    ? `${panel.kept} of ${panel.total} ${files} uploaded${refused}`
    : `${settled(panel)} of ${panel.total}${refused}`;
  panel.bar.max = panel.total;
  panel.bar.value = settled(panel);
  panel.bar.hidden = isDone(panel);
  panel.clear.hidden = !isDone(panel);
  place(panel);
  tell(panel);
}

// Heard once per tenth of the way and at the end, not at every file.
function tell(panel) {
  const tenth = Math.floor((10 * settled(panel)) / panel.total);
  if (tenth === panel.told && !isDone(panel)) return;
  panel.told = tenth;
  panel.note.textContent = panel.line.textContent;
}

function makeRow(item) {
  const name = make("bdi", "upload__name", item.file.name);
  name.title = item.file.name;
  item.row = make("li", "upload");
  item.bar = makeBar(item.file.name);
  item.words = make("span", "upload__words", "0 %");
  item.row.append(name, item.bar, item.words);
  item.panel.rows.append(item.row);
}

function showProgress(item, part) {
  item.bar.value = part;
  item.words.textContent = part < 1 ? `${Math.floor(100 * part)} %` : "Looking at it…";
}

// --- One file on its way -----------------------------------------------------------------------------

function take(zone, files) {
  const panel = panelOf(zone);
  const list = [...files];
  panel.total += list.length;
  for (const file of list) {
    const item = { file, zone, panel, zoneId: zone.id };
    if (file.size > Number(zone.dataset.uploadMax ?? Infinity)) {
      refuse(item, `It is larger than ${zone.dataset.uploadLimit}, the most that can be uploaded.`);
    } else waiting.push(item);
  }
  if (list.length) showPanel(panel);
  sendNext();
}

function sendNext() {
  while (travelling < AT_ONCE && waiting.length) send(waiting.shift());
}

const findToken = (page) => page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
let token = "";

function send(item) {
  travelling += 1;
  makeRow(item);
  place(item.panel);
  const request = new XMLHttpRequest();
  request.open("POST", item.zone.dataset.upload);
  request.setRequestHeader("X-CSRFToken", token || findToken(document));
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) showProgress(item, event.loaded / event.total);
  });
  request.addEventListener("load", () => finish(item, request));
  request.addEventListener("error", () => fail(item, BROKEN_OFF));
  request.addEventListener("loadend", () => {
    travelling -= 1;
    sendNext();
    if (!travelling && !waiting.length) zoneOf(item).dispatchEvent(bubble("uploads-done"));
  });
  const form = new FormData();
  form.append("file", item.file, item.file.name);
  request.send(form);
}

function finish(item, request) {
  const id = request.getResponseHeader("X-Media-Id");
  if (request.status === 200 && id) return keep(item, id, request);
  if (request.status === 422) return refuse(item, request.responseText);
  if (request.status === 403) return doubt(item);
  // Whoever is signed out is led to another page.
  return fail(item, request.status === 200 ? SIGNED_OUT : FAILED);
}

// Who signed in anew in another tab has a new token; who signed out has none.
async function doubt(item) {
  if (item.isDoubted) return fail(item, NOT_ALLOWED);
  item.isDoubted = true;
  if (!(await refreshToken())) return fail(item, SIGNED_OUT);
  item.row.remove();
  waiting.unshift(item);
  return sendNext();
}

const bubble = (name, detail) => new CustomEvent(name, { bubbles: true, detail });

function zoneOf(item) {
  if (item.zone.isConnected) return item.zone;
  return document.getElementById(item.zoneId) ?? document.body;
}

function keep(item, id, request) {
  const read = (header) => decodeURIComponent(request.getResponseHeader(header) ?? "");
  item.panel.kept += 1;
  const note = read("X-Media-Note");
  if (note) endRow(item, note, "upload--noted");
  else item.row.remove();
  slideIn(item, request.responseText);
  showPanel(item.panel);
  zoneOf(item).dispatchEvent(bubble("uploaded", { id, name: read("X-Media-Name") }));
}

function slideIn(item, html) {
  const gallery = document.getElementById(item.zone.dataset.uploadGallery);
  if (!gallery) return;
  const tile = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  document.getElementById(tile.id)?.remove(); // the same file was here already
  tile.classList.add("slides-in");
  gallery.prepend(tile);
  htmx.process(tile);
}

function endRow(item, sentence, className) {
  if (!item.row) makeRow(item);
  item.bar.remove();
  item.words.textContent = sentence;
  item.row.classList.add(className);
}

function refuse(item, sentence) {
  item.panel.refused += 1;
  endRow(item, sentence, "upload--refused");
  showPanel(item.panel);
  item.panel.note.textContent = `${item.file.name}: ${sentence}`;
}

// What may work a second time can be tried a second time.
function fail(item, sentence) {
  refuse(item, sentence);
  item.row.append(makeButton("Try again", "button button--small", () => retry(item)));
}

function retry(item) {
  item.row.remove();
  item.panel.refused -= 1;
  showPanel(item.panel);
  item.isDoubted = false;
  waiting.push(item);
  sendNext();
}

// The page still holds the token that it was loaded with. False: nobody is signed in.
async function refreshToken() {
  try {
    const answer = await fetch(location.href);
    if (answer.redirected) return false;
    token = findToken(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // No connection: the upload itself will say so.
  }
  return true;
}

// --- Chosen, dropped, pasted ---------------------------------------------------------------------------

document.addEventListener("change", ({ target }) => {
  const zone = target.type === "file" && target.closest("[data-upload]");
  if (!zone) return;
  take(zone, target.files);
  target.value = "";
});

const findZone = (target) =>
  target.closest?.("[data-upload]") ?? document.querySelector("[data-upload-page]");
const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

let under = null;
function show(zone) {
  if (zone === under) return;
  under?.classList.remove("is-drop");
  zone?.classList.add("is-drop");
  under = zone;
}

document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event) || !document.querySelector("[data-upload]")) return;
  event.preventDefault(); // else a file that misses its zone would open instead of this page
  show(findZone(event.target));
  event.dataTransfer.dropEffect = under ? "copy" : "none";
});
document.addEventListener("dragleave", (event) => event.relatedTarget || show(null));
document.addEventListener("drop", async (event) => {
  if (!holdsFiles(event) || !document.querySelector("[data-upload]")) return;
  event.preventDefault();
  const zone = under;
  show(null);
  if (zone) take(zone, await findFiles(event.dataTransfer));
});

// A folder is everything in it.
async function findFiles({ items, files }) {
  const loose = [...files];
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return loose;
  return (await Promise.all(entries.map(openEntry))).flat();
}

async function openEntry(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    found.push(...some); // a reader answers a hundred at a time
  }
  return (await Promise.all(found.map(openEntry))).flat();
}

document.addEventListener("paste", (event) => {
  const zone = findZone(event.target);
  const { files, types } = event.clipboardData;
  const isWriting = event.target.matches?.("input, textarea") && types.includes("text/plain");
  if (!zone || !files.length || isWriting) return;
  event.preventDefault();
  take(zone, files);
});

// --- The page around it ----------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", () => panels.forEach(place));
window.addEventListener("beforeunload", (event) => {
  if (travelling || waiting.length) event.preventDefault();
});
