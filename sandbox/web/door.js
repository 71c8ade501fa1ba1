// The stage door: what can be made to go wrong, and how the bot is.

import { h, icon } from "./dom.js";
import { sig } from "./messages.js";
import { statusWords } from "./sidebar.js";
import { full, clockSeconds } from "./time.js";
import { post } from "./api.js";

// door draws the panel and keeps parts that did not change.
export function door(root, s, app) {
  if (!root.querySelector(".door")) {
    root.replaceChildren(
      h("header", { class: "panel-head" }, h("div", null, h("h2", null, "Stage door"), h("small", null, "Make things go wrong, and watch")),
        h("button", { type: "button", class: "icon-button", title: "Close", on: { click: app.closePanel } }, icon("x"))),
      h("div", { class: "panel-scroll door" }, h("section", { class: "door-bot" }), h("section", { class: "door-clock" }), h("div", { class: "door-levers" }), h("section", { class: "door-log" })));
  }
  draw(root.querySelector(".door-bot"), [s.bot, s.sockets], () => bot(s, app));
  draw(root.querySelector(".door-clock"), [Math.floor(s.now / 30), s.me.tz], () => clock(s, app));
  draw(root.querySelector(".door-levers"), s.levers, () => groups(s, app));
  draw(root.querySelector(".door-log"), [s.bot.logs, s.me.tz], () => log(s));
}

function draw(el, from, make) {
  const now = sig(from);
  if (el.dataset.sig === now) return;
  el.dataset.sig = now;
  el.replaceChildren(...make());
  const lines = el.querySelector(".log");
  if (lines) lines.scrollTop = lines.scrollHeight;
}

const pull = (app, id) => async (e) => {
  const button = e.currentTarget;
  button.classList.add("busy");
  const answer = await post("door", { as: app.me().id, lever: id });
  button.classList.remove("busy");
  app.say(answer.error || answer.said || "");
  app.refresh();
};

function bot(s, app) {
  const { light, words } = statusWords(s);
  const act = (id, label, look) => h("button", { type: "button", class: "btn " + (look || ""), data: { lever: id }, on: { click: pull(app, id) } }, label);
  const facts = [
    s.bot.pid && "process " + s.bot.pid, s.sockets.open + (s.sockets.open === 1 ? " socket open" : " sockets open") + ", " + s.sockets.opened + " ever",
    s.bot.starts > 1 && "started " + s.bot.starts + " times",
  ].filter(Boolean).join(" · ");
  return [
    h("div", { class: "bot-status" }, h("i", { class: "light " + light }), h("div", null, h("strong", null, words), h("small", null, facts), s.bot.exit && h("small", { class: "bad" }, s.bot.exit))),
    s.bot.state !== "byhand" && h("div", { class: "buttons" }, s.bot.state === "stopped" ? act("bot-start", "Start Shipmate", "primary") : [act("bot-kill", "Kill it (SIGKILL)", "danger"), act("bot-restart", "Restart politely")]),
  ].filter(Boolean);
}

function clock(s, app) {
  const at = new Date(s.now * 1000);
  return [
    h("h3", null, "Clock"),
    h("p", { class: "muted" }, full(at).replace(/:\d\d (?=\S+$)/, " ")),
    h("div", { class: "buttons" }, [["clock-1m", "+1 min"], ["clock-10m", "+10 min"], ["clock-1h", "+1 h"], ["clock-1d", "+1 day"]].map(([id, label]) =>
      h("button", { type: "button", class: "btn", data: { lever: id }, on: { click: pull(app, id) } }, label))),
  ];
}

function groups(s, app) {
  const names = [...new Set(s.levers.map((l) => l.group))];
  return names.map((name) => h("section", null, h("h3", null, name), s.levers.filter((l) => l.group === name).map((l) => h("button", {
    type: "button", class: "lever" + (l.on ? " on" : ""), data: { lever: l.id }, "aria-pressed": l.toggle ? String(Boolean(l.on)) : false, on: { click: pull(app, l.id) },
  }, h("span", null, h("b", null, l.label), h("small", null, l.on && l.onHint ? l.onHint : l.hint)),
  l.toggle ? h("i", { class: "switch" }) : h("i", { class: "go" }, icon("right"))))));
}

function log(s) {
  const lines = s.bot.logs || [];
  return [h("h3", null, "What Shipmate logs"), h("div", { class: "log", tabindex: "0" }, lines.length
    ? lines.map((l) => h("div", { class: "log-line " + l.level }, h("time", null, clockSeconds(new Date(l.at))), h("span", null, l.text)))
    : h("p", { class: "muted" }, s.bot.state === "byhand" ? "It logs where you started it." : "Nothing yet."))];
}
