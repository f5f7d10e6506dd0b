// The phone: dresses it, keeps its place while it is redrawn, opens its pictures.

// --- What it wears -----------------------------------------------------------------------------

const YEAR = 60 * 60 * 24 * 365;
const PARTS = ["dress", "shade", "face"];
const chosen = (part) => document.querySelector(`[data-phone-controls] [name=${part}]:checked`)?.value;

function dress() {
  for (const part of PARTS) {
    const value = chosen(part);
    for (const phone of value ? document.querySelectorAll(".phone") : []) {
      if (phone.dataset[part] !== value) phone.dataset[part] = value;
    }
  }
}

// An answer that was on its way says what was chosen before.
const attributeFilter = PARTS.map((part) => `data-${part}`);
new MutationObserver(dress).observe(document.body, { subtree: true, attributeFilter });

// Heard before the form is, and by nobody else: how a phone looks is no change of the message.
for (const kind of ["input", "change"]) {
  const hear = (event) => {
    if (!event.target.closest?.("[data-phone-controls]")) return;
    event.stopPropagation();
    dress();
    const look = `${chosen("dress")}-${chosen("shade")}`;
    document.cookie = `magpie-phone=${look};path=/;max-age=${YEAR};samesite=lax`;
  };
  document.addEventListener(kind, hear, { capture: true });
}

// --- Its place ---------------------------------------------------------------------------------

const threads = () => [...document.querySelectorAll(".phone__thread")];
let places = [];
document.addEventListener("htmx:beforeSwap", () => (places = threads().map((it) => it.scrollTop)));
document.addEventListener("htmx:afterSwap", () => {
  dress();
  threads().forEach((thread, number) => (thread.scrollTop = places[number] ?? 0));
});

// document.dispatchEvent(new CustomEvent("phone:show", { detail: { slide: 3 } }))
document.addEventListener("phone:show", ({ detail }) => {
  for (const slide of document.querySelectorAll(`.phone [data-slide="${detail.slide}"]`)) {
    show(slide, slide.closest(".phone__thread"));
  }
});

function show(slide, thread) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = slide.offsetTop - thread.clientHeight / 8;
  thread.scrollTo({ top, behavior: isCalm ? "instant" : "smooth" });
  slide.classList.remove("is-shown");
  void slide.offsetWidth; // so that it shines again
  slide.classList.add("is-shown");
}

// --- Its pictures ------------------------------------------------------------------------------

const box = document.createElement("dialog");
box.className = "lightbox";
box.setAttribute("aria-label", "Picture");
box.innerHTML = `
  <button type="button" class="lightbox__close" aria-label="Close"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3.5 3.5 9 9M12.5 3.5l-9 9"/></svg></button>
  <button type="button" class="lightbox__back" aria-label="Picture before"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10.5 2.5 5 8l5.5 5.5"/></svg></button>
  <img class="lightbox__picture" alt="">
  <button type="button" class="lightbox__next" aria-label="Next picture"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 2.5 11 8l-5.5 5.5"/></svg></button>
  <p class="lightbox__words" aria-live="polite"><strong></strong><span></span></p>`;
document.body.append(box);

const back = box.querySelector(".lightbox__back");
const next = box.querySelector(".lightbox__next");
let pictures = [];
let at = 0;

function turn(to) {
  if (to < 0 || to >= pictures.length) return;
  at = to;
  const { picture, name, about } = pictures[at];
  const image = box.querySelector("img");
  image.src = picture;
  image.alt = name;
  box.querySelector("strong").textContent = name;
  const where = pictures.length > 1 ? ` · ${at + 1} of ${pictures.length}` : "";
  box.querySelector("span").textContent = ` · ${about}${where}`;
  back.hidden = at === 0;
  next.hidden = at === pictures.length - 1;
}

// The phone may be redrawn meanwhile: its pictures are remembered by what they are.
document.addEventListener("click", (event) => {
  const opener = event.target.closest(".phone [data-picture]");
  if (!opener) return;
  const all = [...opener.closest(".phone").querySelectorAll("[data-picture]")];
  pictures = all.map((button) => ({ ...button.dataset }));
  turn(all.indexOf(opener));
  box.showModal();
});

box.addEventListener("click", (event) => {
  if (event.target.closest(".lightbox__back")) turn(at - 1);
  else if (event.target.closest(".lightbox__next")) turn(at + 1);
  else if (!event.target.closest(".lightbox__picture, .lightbox__words")) box.close();
  if (document.activeElement?.hidden) box.querySelector(".lightbox__close").focus();
});

box.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) turn(at + step);
});

box.addEventListener("close", () => {
  const seen = CSS.escape(pictures[at].picture);
  document.querySelector(`.phone [data-picture="${seen}"]`)?.focus();
});

// --- Characters that make an SMS dear ----------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-replace-in]");
  if (!button) return;
  const field = document.getElementById(button.dataset.replaceIn);
  const isOne = "replace" in button.dataset;
  const these = isOne ? [button] : button.closest(".forcing").querySelectorAll("[data-replace]");
  for (const { dataset } of these) {
    field.value = field.value.replaceAll(dataset.replace, dataset.with);
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
