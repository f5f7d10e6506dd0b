// The draft of a campaign: what is not saved is not sent.

const draft = document.getElementById("campaign_form");
const launch = document.getElementById("launch_form");

if (draft && launch) {
  draft.addEventListener("input", () => {
    launch.hidden = true;
    document.getElementById("unsaved").hidden = false;
  });
}
