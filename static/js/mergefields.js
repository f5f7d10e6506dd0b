// Merge fields: the menu that puts one at the caret, and paging through the people who read it.

// --- The menu -----------------------------------------------------------------------------------

const menu = document.getElementById("merge-menu");
const visited = new WeakSet(); // a field nobody was in yet has its caret at the end
let place = null; // where the chosen field goes: { field, start, end }

if (menu) {
  const words = document.getElementById("merge-words");
  const options = [...menu.querySelectorAll("[role=option]")];
  const pick = menu.querySelector("[data-merge-step=pick]");
  const question = menu.querySelector("[data-merge-step=fallback]");
  const fallback = document.getElementById("merge-fallback");
  const wrong = document.getElementById("merge-wrong");
  const opener = (id) => document.querySelector(`[data-merge-for="${CSS.escape(id)}"]`);
  let chosen = null;

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("input, textarea")) visited.add(target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-merge-for]");
    const field = button && document.getElementById(button.dataset.mergeFor);
    if (!field || field.disabled) return;
    const end = field.value.length;
    open(field, visited.has(field) ? field.selectionStart : end, visited.has(field) ? field.selectionEnd : end);
  });

  // Two braces typed open it too, and give way to what is chosen.
  document.addEventListener("input", (event) => {
    const { target: field, data, isComposing } = event;
    if (isComposing || data !== "{" || !field.id || !opener(field.id)) return;
    const caret = field.selectionStart;
    if (field.value.slice(caret - 2, caret) === "{{") open(field, caret - 2, caret);
  });

  function open(field, start, end) {
    place = { field, start, end };
    words.value = "";
    show(pick);
    filter();
    menu.showPopover();
    stand(field);
    words.focus();
  }

  // Under its field, within the window; on a phone the style sheet puts it at the bottom.
  function stand(field) {
    const box = field.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = box.bottom + 4;
    const above = box.top - height - 4;
    const top = below + height > innerHeight && above > 0 ? above : Math.min(below, innerHeight - height - 8);
    menu.style.top = `${Math.max(8, top)}px`;
    menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    const hidden = box.bottom + 8 - menu.getBoundingClientRect().top;
    if (menu.offsetWidth === innerWidth && hidden > 0) scrollBy(0, hidden); // not behind it
  }

  function show(step) {
    pick.hidden = step !== pick;
    question.hidden = step !== question;
    menu.setAttribute("aria-labelledby", step.querySelector("h2").id);
    wrong.textContent = "";
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

  // --- Choosing ---------------------------------------------------------------------------------

  const shown = () => options.filter((option) => !option.hidden);

  function filter() {
    const wanted = words.value.trim().toLowerCase();
    for (const option of options) {
      const named = `${option.dataset.name} ${option.querySelector("strong").textContent}`;
      option.hidden = !named.toLowerCase().includes(wanted);
    }
    document.getElementById("merge-nothing").hidden = shown().length > 0;
    mark(shown()[0]);
  }

  function mark(option) {
    for (const other of options) other.setAttribute("aria-selected", String(other === option));
    words.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = shown();
    const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (all.length) mark(all[(now + step + all.length) % all.length]);
  }

  function choose(option) {
    if (!option) return;
    chosen = option;
    if ("isEverybodys" in option.dataset) return put(`{{ ${option.dataset.name} }}`);
    question.querySelector("[data-merge-said]").textContent = option.dataset.said;
    question.reset();
    fallback.value = option.dataset.fallback;
    show(question);
    stand(place.field);
    fallback.focus();
    fallback.select();
  }

  words.addEventListener("input", filter);
  words.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move(step);
    else if (event.key === "Enter") choose(options.find((option) => option.getAttribute("aria-selected") === "true"));
    else return;
    event.preventDefault();
  });
  menu.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
    if (event.target.closest("[data-merge-back]")) {
      show(pick);
      words.focus();
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    back();
  });

  // --- What stands there where nothing is known -----------------------------------------------------

  fallback.addEventListener("input", () => {
    question.elements.instead.value = "write";
    wrong.textContent = "";
  });

  question.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name } = chosen.dataset;
    const instead = question.elements.instead.value;
    const text = fallback.value.trim();
    if (instead === "stop") return put(`{{ ${name} }}`);
    if (instead === "nothing") return put(`{{ ${name}| }}`);
    if (!text || !fallback.checkValidity()) {
      wrong.textContent = text ? "Braces cannot stand in it." : "Write something, or choose “write nothing”.";
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
