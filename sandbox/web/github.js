// GitHub's own side: somebody opens a pull request, writes on its document, says what they think of it, or merges it.

import { post } from "./api.js";

const said = document.querySelector("#said");

async function deed(button, action, more = {}) {
  const pull = button.closest("[data-pull]");
  const answer = await post("github", { as: pull.querySelector("select").value, value: pull.dataset.pull, action, ...more });
  if (!answer.error) return location.reload();
  said.hidden = false;
  said.textContent = answer.error;
}

for (const button of document.querySelectorAll("[data-deed]")) {
  button.disabled = false; // a press that nothing listens to yet would be lost
  button.addEventListener("click", () => deed(button, button.dataset.deed));
}
for (const button of document.querySelectorAll("[data-open]")) {
  const form = button.closest("[data-pull]");
  button.disabled = false;
  button.addEventListener("click", () => deed(button, "open", { query: form.querySelector("[data-path]").value.trim(), text: form.querySelector("textarea").value }));
}
for (const button of document.querySelectorAll("[data-write]")) {
  const file = button.closest("[data-file]");
  button.disabled = false;
  button.addEventListener("click", () => deed(button, "write", { query: file.dataset.file, text: file.querySelector("textarea").value }));
}
