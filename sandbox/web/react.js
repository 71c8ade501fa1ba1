// Reactions on a message: those that are there, and the picker for more.

import { h, icon } from "./dom.js";
import { emojiNode, names } from "./emoji.js";
import { float } from "./float.js";
import { post } from "./api.js";

// toggle adds the person's reaction, or takes it back when it is theirs already.
export async function toggle(m, name, app) {
  const mine = (m.reactions || []).some((r) => r.name === name && r.users.includes(app.me().id));
  const answer = await post("react", { as: app.me().id, channel: m.channel, ts: m.ts, emoji: name, off: mine });
  app.say(answer.error || "");
  app.refresh();
}

// reactions are buttons, one per emoji.
export function reactions(m, app) {
  return h("div", { class: "reactions" }, m.reactions.map((r) => h("button", {
    type: "button", class: "reaction" + (r.users.includes(app.me().id) ? " mine" : ""), "aria-pressed": String(r.users.includes(app.me().id)),
    title: r.users.map((u) => (app.names.user(u) || {}).name || u).join(", ") + " with :" + r.name + ":", on: { click: () => toggle(m, r.name, app) },
  }, emojiNode(r.name) || ":" + r.name + ":", " " + r.users.length)));
}

// pick opens a grid of emoji, filtered by name.
export function pick(anchor, m, app) {
  const search = h("input", { type: "search", class: "menu-search", placeholder: "Find an emoji", "aria-label": "Find an emoji" });
  const grid = h("div", { class: "emoji-grid" });
  const draw = () => {
    const wanted = search.value.trim().toLowerCase().replaceAll(":", "").replaceAll(" ", "_");
    grid.replaceChildren(...names().filter((n) => n.includes(wanted)).map((n) => h("button", {
      type: "button", title: ":" + n + ":", on: { click: () => { close(); toggle(m, n, app); } },
    }, emojiNode(n))));
  };
  draw();
  search.addEventListener("input", draw);
  const close = float(h("div", { class: "menu emojis" }, search, grid), anchor);
  search.focus();
}

// reactButton opens the picker.
export function reactButton(m, app) {
  const button = h("button", { type: "button", title: "Add a reaction", "aria-haspopup": "dialog" }, icon("smile"));
  button.addEventListener("click", () => pick(button, m, app));
  return button;
}
