// The side bar: channels, the app, and who one is.

import { h, avatar, icon } from "./dom.js";
import { float } from "./float.js";

const status = {
  running: "Shipmate is running", starting: "Shipmate is starting", stopped: "Shipmate is not running",
  byhand: "Waiting for a Shipmate you start", connected: "Shipmate is connected",
};

// statusWords names how the bot is, and a class for its light.
export function statusWords(s) {
  const open = s.sockets.open > 0;
  if (s.bot.state === "byhand") return { light: open ? "good" : "wait", words: status[open ? "connected" : "byhand"] };
  if (s.bot.state === "stopped") return { light: "bad", words: status.stopped };
  return open ? { light: "good", words: status.running } : { light: "wait", words: status.starting };
}

// sidebar draws everything in it.
export function sidebar(root, s, app) {
  const row = (c, name, mark) => h("a", {
    class: "row" + (c.id === s.channel.id ? " here" : "") + (c.unread && c.id !== s.channel.id ? " unread" : ""),
    href: app.link(c.im ? "@shipmate" : c.name), on: { click: app.closeSide },
  }, h("span", { class: "sign" }, mark), h("span", { class: "name" }, name),
  c.unread > 0 && c.id !== s.channel.id && h("span", { class: "badge" + (c.mentions ? " loud" : ""), title: c.unread + " unread" }, c.unread > 99 ? "99+" : String(c.unread)));
  const { light, words } = statusWords(s);
  const channels = s.channels.filter((c) => !c.im);
  const app_ = s.channels.find((c) => c.im);
  root.replaceChildren(
    h("div", { class: "team" }, h("span", { class: "mark" }, icon("anchor")), h("div", null, h("strong", null, s.team), h("small", null, "Shipmate's stage"))),
    h("nav", { "aria-label": "Channels" },
      h("h2", null, "Channels"),
      channels.map((c) => row(c, c.name, c.private ? icon("lock") : "#")),
      s.others.map((c) => h("button", { type: "button", class: "row other", title: "Join #" + c.name, on: { click: () => { app.closeSide(); app.join(c); } } },
        h("span", { class: "sign" }, "#"), h("span", { class: "name" }, c.name), h("span", { class: "badge" }, "Join"))),
      h("h2", null, "Apps"),
      app_ && row(app_, "Shipmate", h("i", { class: "light " + light, title: words })),
      h("h2", null, "Backstage"),
      h("a", { class: "row", href: "/pagerduty/", target: "_blank" },
        h("span", { class: "sign" }, icon("pager")), h("span", { class: "name" }, "PagerDuty"), s.pages > 0 && h("span", { class: "badge loud", title: "Not acknowledged" }, String(s.pages))),
      h("button", { type: "button", class: "row", on: { click: () => { app.closeSide(); app.openDoor(); } } },
        h("span", { class: "sign" }, icon("door")), h("span", { class: "name" }, "Stage door"), s.faults > 0 && h("span", { class: "badge loud", title: "Things set to go wrong" }, String(s.faults)))),
    whoami(s, app));
}

function whoami(s, app) {
  const button = h("button", { type: "button", class: "whoami", title: "Act as someone else" },
    avatar(s.me), h("span", null, h("strong", null, s.me.real), h("small", null, s.me.title)), icon("swap"));
  button.addEventListener("click", () => choose(button, s, app));
  return button;
}

function choose(anchor, s, app) {
  const rows = s.people.filter((p) => !p.bot).map((p) => h("button", {
    type: "button", class: "menu-row person", "aria-selected": String(p.id === s.me.id), data: { person: p.name },
    on: { click: () => { close(); app.become(p.name); } },
  }, avatar(p), h("span", null, p.real, h("small", null, p.title + (p.admin ? " · admin" : ""))), p.id === s.me.id && icon("check")));
  const close = float(h("div", { class: "menu people" }, h("p", { class: "menu-note" }, "Act as"), rows), anchor);
}
