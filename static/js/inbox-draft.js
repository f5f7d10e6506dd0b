// A half-written reply outlives whatever loads the page anew: its words, and the file of the library
// or the template that is chosen, are kept for this tab until it was sent. Its token comes back with
// it, so what was sent after all is not sent twice.

const CHOOSERS = { media: "#offer-files", mms: "#offer-mms" };
const form = document.querySelector("[data-reply]");
const field = form?.querySelector("textarea");
const name = `magpie.inbox.draft.${form?.dataset.draft}`;
const sending = `${name}.sending`;
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

function recall(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // the text stands in the field all the same
  }
}

function written() {
  const { text, token, media, mms } = Object.fromEntries(new FormData(form));
  return text || media || mms ? { text, token, media, mms } : null;
}

function keepDraft() {
  const draft = written();
  keep(name, draft ? JSON.stringify(draft) : "");
}

async function choose(what, pk) {
  const chooser = document.querySelector(CHOOSERS[what]);
  await htmx.ajax("GET", `${chooser.dataset.offer}&${what}=${pk}`, chooser);
  chooser.closest("details").open = true;
}

function restore() {
  const draft = JSON.parse(recall(name) || "null");
  if (!draft) return;
  field.value = draft.text;
  form.elements.token.value = draft.token;
  // Its length is counted as if it were typed, once the counting listens.
  addEventListener("load", async () => {
    for (const what in CHOOSERS) if (draft[what]) await choose(what, draft[what]);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Going to the message of the address takes the focus away once more, after everything is there.
function focusAtEnd() {
  addEventListener("load", () => setTimeout(() => field.focus({ preventScroll: true })));
}

function open() {
  const wasSending = recall(sending);
  keep(sending, "");
  const isSent = wasSending && location.hash.startsWith("#message-");
  if (isSent) keep(name, "");
  if (written()) keepDraft();
  else restore();
  if (wasSending && hasKeyboard) focusAtEnd();
}

if (form) {
  open();
  field.addEventListener("input", keepDraft);
  document.getElementById("reply").addEventListener("change", keepDraft);
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    keep(sending, "yes");
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
}
