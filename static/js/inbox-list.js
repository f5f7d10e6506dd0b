// The list of conversations: buttons for several of them once some are ticked, and what a narrow
// page folds up. Without this script all of it stands open.

const bar = document.querySelector("[data-bar]");
const narrow = matchMedia("(max-width: 40rem)");

function showBar() {
  const count = document.querySelectorAll("[data-thread] input:checked").length;
  bar.querySelector("[data-bar-empty]").hidden = count > 0;
  bar.querySelector("[data-bar-full]").hidden = count === 0;
  bar.querySelector("[data-bar-count]").textContent = ` (${count})`;
}

if (bar) {
  document.addEventListener("change", showBar);
  addEventListener("pageshow", showBar); // ticks come back with the page
  showBar();
}

function fold() {
  for (const each of document.querySelectorAll("[data-narrow]")) {
    each.open = !narrow.matches || "used" in each.dataset;
  }
}

narrow.addEventListener("change", fold);
fold();
