// Questions asked before a button counts.

import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { textObject } from "./blocks.js";

// ask shows a Block Kit confirm object and tells whether the person agreed.
export function ask(c, surface) {
  return new Promise((done) => {
    const box = h("dialog", { class: "dialog ask" });
    const answer = (yes) => () => {
      box.close();
      box.remove();
      done(yes);
    };
    const label = (t, or) => (t ? plain(t.text) : or);
    box.append(
      h("h3", null, label(c.title, "Are you sure?")),
      h("div", { class: "dialog-body" }, textObject(c.text, surface)),
      h("div", { class: "dialog-foot" },
        h("button", { class: "btn", type: "button", on: { click: answer(false) } }, label(c.deny, "Cancel")),
        h("button", { class: "btn " + (c.style === "danger" ? "danger" : "primary") + " solid", type: "button", on: { click: answer(true) } }, label(c.confirm, "Yes"))));
    box.addEventListener("cancel", (e) => { e.preventDefault(); answer(false)(); });
    document.body.append(box);
    box.showModal();
  });
}
