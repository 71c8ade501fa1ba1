// GitHub's own side: somebody merges a pull request.

import { post } from "./api.js";

const said = document.querySelector("#said");

for (const button of document.querySelectorAll("[data-merge]")) {
  button.addEventListener("click", async () => {
    const pull = button.closest("[data-pull]");
    const answer = await post("github", { as: pull.querySelector("select").value, value: pull.dataset.pull, action: "merge" });
    if (!answer.error) return location.reload();
    said.hidden = false;
    said.textContent = answer.error;
  });
}
