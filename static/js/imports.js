// Imports: a file that is too large is refused before it travels, a file may be dropped anywhere on
// the page, and a preview that is read again leaves the table and the “Change” part where they were.

// --- The file ------------------------------------------------------------------------------------------

const input = document.querySelector("#upload input[type=file]");

function refuse(words) {
  const problem = document.getElementById("file-problem");
  problem.textContent = words;
  problem.hidden = !words;
}

function look() {
  const file = input.files[0];
  const isLarge = file && file.size > Number(input.dataset.most);
  refuse(isLarge ? `The file is larger than ${input.dataset.mostSaid}: split it and import the parts.` : "");
  if (isLarge) input.value = "";
}

if (input) {
  const form = input.form;
  input.addEventListener("change", look);
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      input.classList.toggle("is-over", name === "dragover");
      if (event.target === input) return; // the browser itself takes it
      event.preventDefault();
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        look();
      }
    });
  }
  document.addEventListener("dragleave", () => input.classList.remove("is-over"));
  form.addEventListener("submit", () => {
    document.getElementById("upload-note").textContent = "The file is on its way and is looked at …";
    form.classList.add("is-sending");
  });
  addEventListener("pageshow", () => form.classList.remove("is-sending"));
}

// --- Its list ------------------------------------------------------------------------------------------

// A refusal by the server would cost the chosen file, so the name is looked at before it travels.
const list = document.querySelector("#upload select[name=contact_list]");
const listName = document.querySelector("#upload input[name=list_name]");

function findNameProblem() {
  const name = listName.value.trim().replace(/\s+/g, " ").toLowerCase();
  if (!name) return "Give the new list a name, or choose a list above.";
  const isTaken = [...list.options].some((option) => option.value && option.text.toLowerCase() === name);
  return isTaken ? "There is already a list called that: choose it above, or name the new one otherwise." : "";
}

function lookAtName() {
  listName.disabled = Boolean(list.value);
  listName.required = !list.value;
  listName.setCustomValidity(list.value ? "" : findNameProblem());
}

if (listName) {
  list.addEventListener("change", lookAtName);
  listName.addEventListener("input", lookAtName);
  addEventListener("pageshow", lookAtName); // and when the browser brings back what was typed
  lookAtName();
}

// --- The preview ---------------------------------------------------------------------------------------

let place = null;

document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target.id !== "preview") return;
  const rows = document.getElementById("import-rows");
  place = {
    left: rows.scrollLeft,
    top: rows.scrollTop,
    isOpen: document.getElementById("change-reading").open,
  };
});
document.addEventListener("htmx:afterSwap", () => {
  const rows = document.getElementById("import-rows");
  if (!place || !rows) return;
  document.getElementById("change-reading").open ||= place.isOpen;
  rows.scrollTo(place.left, place.top);
  place = null;
});
