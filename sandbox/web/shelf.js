// What a channel keeps at hand: its bookmarks and its pinned messages.

import { h, icon, safeURL } from "./dom.js";
import { float } from "./float.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { dateOf, full } from "./time.js";

// shelf draws both below the channel's head; it is away when there are none.
export function shelf(root, channel, app) {
  const marks = channel.bookmarks || [], pins = channel.pins || [];
  root.hidden = !marks.length && !pins.length;
  root.replaceChildren(...[
    pins.length && pinButton(pins, app),
    ...marks.map((b) => h("a", { class: "mark-link", href: safeURL(b.link) || false, target: "_blank", rel: "noopener noreferrer" },
      b.emoji ? plain(b.emoji) : icon("link"), b.title || b.link)),
  ].filter(Boolean));
}

function pinButton(pins, app) {
  const button = h("button", { type: "button", class: "mark-link pins", "aria-haspopup": "dialog" }, icon("pin"), pins.length === 1 ? "1 pin" : pins.length + " pins");
  button.addEventListener("click", () => {
    const rows = pins.map((m) => h("button", { type: "button", class: "menu-row", on: { click: () => { close(); find(m, app); } } },
      h("span", null, h("small", null, nameOf(m, app) + ", " + full(dateOf(m.ts))), mrkdwn(m.text || "", app.names))));
    const close = float(h("div", { class: "menu pinned" }, h("p", { class: "menu-note" }, "Pinned here"), rows), button);
  });
  return button;
}

const nameOf = (m, app) => m.username || (app.names.user(m.user) || { real: "Shipmate" }).real;

// find scrolls to a message, or opens the thread it is a reply in.
function find(m, app) {
  const there = document.querySelector(`#messages [data-ts="${CSS.escape(m.ts)}"]`);
  if (there) there.scrollIntoView({ block: "center" });
  else app.openThread(m);
}
