// PagerDuty's own side: people act on incidents as on their phones, and the page is drawn anew when something changed.

import { post, follow } from "./api.js";

const said = document.querySelector("#said");

for (const button of document.querySelectorAll("[data-deed]")) {
  button.disabled = false; // a press that nothing listens to yet would be lost
  button.addEventListener("click", async () => {
    const incident = button.closest("[data-incident]");
    const answer = await post("pagerduty", { as: incident.querySelector("select").value, value: incident.dataset.incident, action: button.dataset.deed });
    if (!answer.error) return location.reload();
    said.hidden = false;
    said.textContent = answer.error;
  });
}

// A page that is read while somebody chooses from it must not go away.
let first = true;
let waits = 0;
follow(() => {
  if (first) return void (first = false);
  clearTimeout(waits);
  waits = setTimeout(() => { if (document.activeElement?.tagName !== "SELECT") location.reload(); }, 700);
}, () => {});
