/** The handset: keeps the newest message in view, names the chosen pictures, sends with Enter. */

const thread = document.querySelector("#thread");

function showNewest() {
  thread.scrollTop = thread.scrollHeight;
}

if (thread) {
  showNewest();
  thread.addEventListener("load", showNewest, true); // pictures arrive after their bubbles
  thread.addEventListener("htmx:afterSwap", showNewest);
}

const form = document.querySelector(".sandbox-phone__answer");

if (form) {
  const picture = form.elements.picture;
  const chosen = form.querySelector(".sandbox-phone__chosen");
  const text = form.elements.text;

  picture.addEventListener("change", () => {
    const names = Array.from(picture.files, (file) => file.name);
    chosen.hidden = !names.length;
    chosen.textContent = names.length ? `Goes out as MMS with ${names.join(", ")}` : "";
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".sandbox-phone__send")); // not the first button: STOP
    }
  });
}
