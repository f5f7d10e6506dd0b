// The library in the composer's dialog: arrow keys walk over the tiles, Enter picks one.

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

function findNext(tiles, now, key) {
  const at = tiles.indexOf(now);
  if (key in STEPS) return tiles[at + STEPS[key]];
  if (key === "Home") return tiles[0];
  if (key === "End") return tiles.at(-1);
  const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
  if (key === "ArrowDown") return tiles[at + columns] ?? (at < tiles.length - 1 ? tiles.at(-1) : null);
  if (key === "ArrowUp") return tiles[at - columns] ?? document.querySelector(".picker [type=search]");
  return null;
}

document.addEventListener("keydown", (event) => {
  const tiles = [...document.querySelectorAll(".picker__files .tile")];
  if (!tiles.length || event.ctrlKey || event.altKey || event.metaKey) return;
  const isSearching = event.target.matches(".picker [type=search]");
  if (isSearching && event.key !== "ArrowDown") return;
  if (!isSearching && !tiles.includes(event.target)) return;
  const next = isSearching ? tiles[0] : findNext(tiles, event.target, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// What is typed next is looked for among the kind that the tab shows.
document.addEventListener("click", ({ target }) => {
  const tab = target.closest(".picker__tab");
  if (tab) tab.closest("dialog").dataset.from = tab.getAttribute("hx-get");
});

// What "Show more" brought begins where its button was.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!detail.requestConfig?.elt?.matches(".picker__more button")) return;
  document.querySelector(`.picker__files [data-start="${detail.requestConfig.elt.dataset.next}"]`)?.focus();
});
