// The form of a channel: another interface asks other things, a region has its own address.

const kind = document.querySelector("select[data-kind]");
const baseUrl = document.querySelector("input[data-regions]");
const region = document.querySelector("[name='setting_region']");

// What a person wrote before they chose stays, where the other interface asks for it, too; but for
// the base URL, which is the interface's own. It waits in this tab for the next page: secrets never
// go into an address, nor anywhere else.
const WRITTEN = "channel-written";
const form = kind?.form;
const left = "[type='password'], [type='hidden'], [name^='secret_'], [name='base_url'], [data-kind]";

const written = () =>
  [...form.elements]
    .filter((field) => field.name && !field.matches(left) && isChanged(field))
    .map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]);

const isChanged = (field) => {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.value !== first?.value;
};

const bringBack = () => {
  const kept = JSON.parse(sessionStorage.getItem(WRITTEN) ?? "[]");
  sessionStorage.removeItem(WRITTEN);
  for (const [name, value] of kept) {
    const field = form.elements.namedItem(name);
    if (!field || field.matches?.(left)) continue;
    if (typeof value === "boolean") field.checked = value;
    else if (!field.options || [...field.options].some((option) => option.value === value)) {
      field.value = value;
    }
  }
};

if (kind && !kind.disabled) {
  bringBack();
  kind.addEventListener("change", () => {
    sessionStorage.setItem(WRITTEN, JSON.stringify(written()));
    window.location.search = new URLSearchParams({ kind: kind.value }).toString();
  });
}

if (region && baseUrl) {
  const known = JSON.parse(baseUrl.dataset.regions);
  region.addEventListener("change", () => {
    const isTheirs = Object.values(known).includes(baseUrl.value.trim());
    if (known[region.value] && isTheirs) baseUrl.value = known[region.value];
  });
  if (kind && !kind.disabled) region.dispatchEvent(new Event("change"));
}
