// Long boxes of checkboxes: a field that shows only the ones whose words contain what is typed.

const MANY = 8;

for (const choices of document.querySelectorAll("[data-choices]")) {
  const options = [...choices.querySelectorAll(".pick-list__box label")];
  if (options.length <= MANY) continue;
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = `Find among ${options.length}`;
  field.setAttribute("aria-label", `${choices.querySelector("legend").textContent}: find one`);
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // finding is not editing
    const wanted = field.value.trim().toLocaleLowerCase();
    for (const option of options) {
      const isChosen = option.querySelector("input").checked;
      const row = option.closest(".pick-list__box > div > div") ?? option;
      row.hidden = !isChosen && !option.textContent.toLocaleLowerCase().includes(wanted);
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  choices.querySelector(".pick-list__box").before(field);
}
