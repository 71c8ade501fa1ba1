// GitHub's own side: somebody writes on the document of a pull request, or merges it.

import { post } from "./api.js";

const said = document.querySelector("#said");

async function deed(button, action, more = {}) {
  const pull = button.closest("[data-pull]");
  const answer = await post("github", { as: pull.querySelector("select").value, value: pull.dataset.pull, action, ...more });
  if (!answer.error) return location.reload();
  said.hidden = false;
  said.textContent = answer.error;
}

for (const button of document.querySelectorAll("[data-merge]")) {
  button.disabled = false; // a press that nothing listens to yet would be lost
  button.addEventListener("click", () => deed(button, "merge"));
}
for (const button of document.querySelectorAll("[data-write]")) {
  const file = button.closest("[data-file]");
  button.disabled = false;
  button.addEventListener("click", () => deed(button, "write", { query: file.dataset.file, text: file.querySelector("textarea").value }));
}
