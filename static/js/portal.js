// Small things of every page: the menu on phones, copying, addresses that select themselves.

const menuButton = document.querySelector("[data-menu]");

function showMenu(open) {
  menuButton.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("menu-is-open", open);
}

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
