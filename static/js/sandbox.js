/** The handset: keeps the newest message in view, names the chosen picture, grows the text field. */

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
    const [file] = picture.files;
    chosen.hidden = !file;
    chosen.textContent = file ? `With picture: ${file.name}` : "";
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
