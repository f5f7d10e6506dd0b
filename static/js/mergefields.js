// Merge fields: the menu that puts one at the caret, and paging through the people who read it.

// --- The menu -----------------------------------------------------------------------------------

const menu = document.getElementById("merge-menu");
const visited = new WeakSet(); // a field nobody was in yet has its caret at the end
let place = null; // where the chosen field goes: { field, start, end }

if (menu) {
  const words = document.getElementById("merge-words");
  const list = document.getElementById("merge-options");
  const options = [...menu.querySelectorAll("[role=option]")];
  const nothing = document.getElementById("merge-nothing");
  const note = document.getElementById("merge-note");
  const pick = menu.querySelector("[data-merge-step=pick]");
  const question = menu.querySelector("[data-merge-step=fallback]");
  const fallback = document.getElementById("merge-fallback");
  const wrong = document.getElementById("merge-wrong");
  const opener = (id) => document.querySelector(`[data-merge-for="${CSS.escape(id)}"]`);
  const isOpen = () => menu.matches(":popover-open");
  let chosen = null;
  let isTyped = false; // two braces opened it: the focus stays in the text, and what is typed too

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("input, textarea")) visited.add(target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-merge-for]");
    const field = button && document.getElementById(button.dataset.mergeFor);
    if (!field || field.disabled) return;
    const end = field.value.length;
    place = { field, start: visited.has(field) ? field.selectionStart : end, end: visited.has(field) ? field.selectionEnd : end };
    open(false);
    words.focus();
  });

  function open(typed) {
    isTyped = typed;
    words.value = "";
    show(pick);
    menu.style.removeProperty("--merge-room");
    menu.showPopover();
    filter();
    const hidden = place.field.getBoundingClientRect().bottom + 8 - menu.getBoundingClientRect().top;
    if (menu.offsetWidth === innerWidth && hidden > 0) scrollBy(0, hidden); // not behind it
  }

  // Under its field, or over it where there is more room, and there it stays while it shrinks; on a
  // phone the style sheet puts it at the bottom, above the keys.
  function stand() {
    const box = place.field.getBoundingClientRect();
    const below = innerHeight - box.bottom - 12;
    const above = box.top - 12;
    place.goesUp ??= above > below && below < menu.offsetHeight;
    const { goesUp } = place;
    const { height, offsetTop } = visualViewport;
    menu.style.setProperty("--merge-room", `${Math.max(goesUp ? above : below, 160)}px`);
    menu.style.setProperty("--merge-keys", `${Math.max(0, innerHeight - height - offsetTop)}px`);
    menu.style.top = goesUp ? "auto" : `${box.bottom + 4}px`;
    menu.style.bottom = goesUp ? `${innerHeight - box.top + 4}px` : "auto";
    menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  }

  for (const [source, kind] of [[window, "resize"], [visualViewport, "resize"], [document, "scroll"]]) {
    source.addEventListener(kind, ({ target }) => {
      if (isOpen() && !(target instanceof Node && menu.contains(target))) stand();
    }, { capture: true, passive: true });
  }

  function show(step) {
    pick.hidden = step !== pick;
    question.hidden = step !== question;
    menu.toggleAttribute("data-typed", isTyped);
    menu.setAttribute("role", isTyped ? "group" : "dialog");
    menu.setAttribute("aria-labelledby", step.querySelector("h2").id);
    tell("");
  }

  // Back to the caret; what was typed stays.
  function back() {
    const { field, end } = place;
    menu.hidePopover();
    field.focus();
    field.setSelectionRange(end, end);
  }

  function put(text) {
    const { field, start, end } = place;
    menu.hidePopover();
    field.focus();
    field.setSelectionRange(start, end);
    // By this way the browser's own undo knows of it, and `input` is fired.
    if (document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- Two braces typed -------------------------------------------------------------------------

  // What stands between the last two braces and the caret; null where no field is being written.
  function typedIn(field) {
    const caret = field.selectionStart;
    if (caret !== field.selectionEnd) return null;
    return field.value.slice(0, caret).match(/\{\{([^{}|\n]*)$/)?.[1] ?? null;
  }

  function follow() {
    const { field } = place;
    const name = document.activeElement === field ? typedIn(field) : null;
    if (name === null) return menu.hidePopover();
    const end = field.selectionStart;
    if (end === place.end && name === words.value) return; // told twice: what is marked stays
    Object.assign(place, { start: end - name.length - 2, end });
    words.value = name;
    filter();
  }

  document.addEventListener("input", ({ target: field, inputType }) => {
    if (isTyped && field === place.field) return follow();
    if (!inputType?.startsWith("insert") || !field.id || !opener(field.id) || typedIn(field) !== "") return;
    place = { field, start: field.selectionStart - 2, end: field.selectionStart };
    open(true);
  });
  document.addEventListener("selectionchange", () => {
    if (isTyped) follow();
  });

  // Before anybody else: Enter would send the form, Escape leave the text.
  window.addEventListener("keydown", (event) => {
    if (!isTyped || event.target !== place.field || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });

  function press(key) {
    if (key === "Escape") menu.hidePopover();
    else if (!shown().length) return false;
    else if (key === "ArrowDown" || key === "ArrowUp") move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" || key === "Tab") choose(marked());
    else return false;
    return true;
  }

  // While it follows the typing, the text itself is what names the option.
  function point(option) {
    const names = { "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id };
    for (const [name, value] of Object.entries(names)) {
      if (isTyped) place.field.setAttribute(name, value);
      else place.field.removeAttribute(name);
    }
    const owner = isTyped ? place.field : words;
    for (const other of [words, place.field]) other.removeAttribute("aria-activedescendant");
    if (option) owner.setAttribute("aria-activedescendant", option.id);
  }

  menu.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "closed") return;
    isTyped = false;
    note.textContent = "";
    point(null);
  });
  menu.addEventListener("mousedown", (event) => {
    if (isTyped) event.preventDefault(); // the caret stays
  });

  // --- Choosing ---------------------------------------------------------------------------------

  const shown = () => options.filter((option) => !option.hidden);
  const marked = () => options.find((option) => option.getAttribute("aria-selected") === "true");

  function filter() {
    const wanted = words.value.trim().toLowerCase();
    for (const option of options) {
      const named = `${option.dataset.name} ${option.querySelector("strong").textContent}`;
      option.hidden = !named.toLowerCase().includes(wanted);
    }
    const { length: count } = shown();
    nothing.hidden = count > 0;
    if (isTyped && count) note.textContent = count === 1 ? "1 field. Enter puts it in." : `${count} fields. Arrow keys choose, Enter puts one in.`;
    mark(shown()[0]);
    stand();
  }

  function mark(option) {
    for (const other of options) other.setAttribute("aria-selected", String(other === option));
    point(option);
    option?.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = shown();
    if (all.length) mark(all[(all.indexOf(marked()) + step + all.length) % all.length]);
  }

  function choose(option) {
    if (!option) return;
    chosen = option;
    if ("isEverybodys" in option.dataset) return put(`{{ ${option.dataset.name} }}`);
    question.querySelector("[data-merge-said]").textContent = option.dataset.said;
    question.reset();
    fallback.value = option.dataset.fallback;
    isTyped = false;
    point(null);
    show(question);
    stand();
    fallback.focus();
    fallback.select();
  }

  words.addEventListener("input", filter);
  words.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move(step);
    else if (event.key === "Enter") choose(marked());
    else return;
    event.preventDefault();
  });
  menu.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
    if (event.target.closest("[data-merge-back]")) {
      show(pick);
      filter();
      words.focus();
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    back();
  });

  // --- What stands there where nothing is known -----------------------------------------------------

  function tell(problem) {
    wrong.textContent = problem;
    fallback.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  fallback.addEventListener("input", () => {
    question.elements.instead.value = "write";
    tell("");
  });
  question.addEventListener("change", ({ target }) => {
    if (target.name === "instead") tell("");
  });

  question.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name } = chosen.dataset;
    const instead = question.elements.instead.value;
    const text = fallback.value.trim();
    if (instead === "stop") return put(`{{ ${name} }}`);
    if (instead === "nothing") return put(`{{ ${name}| }}`);
    if (!text || !fallback.checkValidity()) {
      tell(text ? "Braces cannot stand in it." : "Write something, or choose “write nothing”.");
      stand();
      fallback.focus();
      return;
    }
    put(`{{ ${name}|${text} }}`);
  });
}

// --- The people -----------------------------------------------------------------------------------

let last = "1"; // who was read before it was shown as written
let wanted = null; // whose turn it is, until an answer shows them

function read(position) {
  const reader = document.getElementById("reader");
  if (reader.value) last = reader.value;
  reader.value = wanted = position;
  const page = reader.closest("[data-reader-url]");
  if (!page) {
    reader.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const values = { reader: position };
  htmx.ajax("GET", page.dataset.readerUrl, { target: "#personal", swap: "outerHTML", values });
}

// An answer to an earlier press does not take back the later one.
document.addEventListener("composer:shown", () => {
  const reader = document.getElementById("reader");
  if (!reader || wanted === null || reader.value === wanted) wanted = null;
  else reader.value = wanted;
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "audience") wanted = null;
});

function turn(step) {
  const reader = document.getElementById("reader");
  const count = Number(reader.dataset.count);
  const now = Number(reader.value || last);
  read(String(reader.value ? ((now - 1 + step + count) % count) + 1 : now));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reader-step]");
  if (button) turn(Number(button.dataset.readerStep));
  if (event.target.closest("[data-reader-as-written]")) {
    read(document.getElementById("reader").value ? "" : last);
  }
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const pages = document.getElementById("reader") && event.target.closest(".reader, .phone__thread");
  if (!step || !pages || event.target.closest("audio, video, input, textarea")) return;
  event.preventDefault();
  turn(step);
});
