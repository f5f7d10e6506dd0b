// Opt-outs to judge by keyboard: arrows or Tab choose a card, O and N press its buttons. Outside of
// a card they do nothing: one key, or one spoken word, must not decide about somebody by accident.

const cards = [...document.querySelectorAll("[data-review]")];
const chosen = () => document.activeElement?.closest("[data-review]");

function choose(step) {
  const at = cards.indexOf(chosen());
  cards[Math.min(Math.max(at + step, 0), cards.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  const isBusy = event.target.matches("input, textarea, select") || event.repeat;
  if (isBusy || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "arrowdown" || key === "arrowup") {
    event.preventDefault();
    choose(key === "arrowdown" ? 1 : -1);
    return;
  }
  const button = chosen()?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});
