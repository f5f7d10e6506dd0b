// Small things of every page: the menu on phones, copying, addresses that select themselves.

const menuButton = document.querySelector("[data-menu]");

function showMenu(open) {
  menuButton.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("menu-is-open", open);
}

// Where the rail is longer than the window, the page one is on is in sight.
document.querySelector(".navigation [aria-current]")?.scrollIntoView({ block: "nearest" });

if (menuButton) {
  menuButton.addEventListener("click", () => {
    showMenu(menuButton.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("menu-is-open")) {
      showMenu(false);
      menuButton.focus();
    }
  });
}

// <button data-copy="id of a field"> copies it and says so; without clipboard it is selected.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
  }
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[readonly][data-select]")) event.target.select();
});

// A blurred picture shows itself when asked to.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  button.closest(".veiled").classList.remove("veiled");
  button.remove();
});

// Wide tables scroll inside their card; let the keyboard do it too.
for (const box of document.querySelectorAll(".results, .table-scroll, .tabular.inline-related")) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}

// A form with data-confirm asks first; Escape and "No" leave everything as it is.
const asked = new WeakSet();

function ask(form, button) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const question = document.createElement("p");
  question.textContent = form.dataset.confirm;
  const choices = document.createElement("form");
  choices.method = "dialog";
  choices.className = "cluster";
  const yes = document.createElement("button");
  yes.value = "yes";
  yes.className = button.classList.contains("button--danger")
    ? "button button--danger"
    : "button button--primary";
  yes.textContent = button.textContent.trim();
  const no = document.createElement("button");
  no.className = "button";
  no.textContent = "No, go back";
  choices.append(yes, no);
  dialog.append(question, choices);
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") {
      asked.add(form);
      form.hidden = !form.isConnected;
      if (form.hidden) document.body.append(form); // its part has refreshed itself meanwhile
      form.requestSubmit(button);
    }
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || asked.has(form)) return;
  event.preventDefault();
  ask(form, event.submitter);
});

// A part that refreshes by itself leaves the keyboard where it was: on the same link or button.
let held = null;
const address = (element) => element.getAttribute("href") ?? element.form?.action;
const alike = (part, wanted) =>
  [...part.querySelectorAll("a, button")].filter((element) => address(element) === wanted);

document.addEventListener("htmx:beforeSwap", ({ target: part }) => {
  const focused = document.activeElement;
  const isHeld = part.matches("[hx-trigger^=every]") && part.contains(focused);
  const wanted = isHeld && focused.matches("a, button") ? address(focused) : null;
  held = wanted && { wanted, place: alike(part, wanted).indexOf(focused) };
});
document.addEventListener("htmx:afterSwap", ({ target: part }) => {
  if (held) alike(part, held.wanted)[held.place]?.focus({ preventScroll: true });
  held = null;
});
