// The form of a channel: another interface asks other things, a region has its own address.

const kind = document.querySelector("select[data-kind]");
const baseUrl = document.querySelector("input[data-regions]");
const region = document.querySelector("[name='setting_region']");

// What a person wrote before they chose stays, where the other interface asks for it, too. Secrets
// never go into an address.
if (kind && !kind.disabled) {
  kind.addEventListener("change", () => {
    const asked = new URLSearchParams({ kind: kind.value });
    const name = document.querySelector("[name='name']")?.value;
    if (name) asked.set("name", name);
    window.location.search = asked.toString();
  });
}

if (region && baseUrl) {
  const known = JSON.parse(baseUrl.dataset.regions);
  region.addEventListener("change", () => {
    const isTheirs = Object.values(known).includes(baseUrl.value.trim());
    if (known[region.value] && isTheirs) baseUrl.value = known[region.value];
  });
}
