// The page: reads what the person sees whenever the stage says that something changed, and draws it.

import { h, avatar, icon, add } from "./dom.js";
import { setZone } from "./time.js";
import { state, post, follow } from "./api.js";
import { messageItems, show, sig } from "./messages.js";
import { composer } from "./composer.js";
import { modals, home } from "./modal.js";
import { sidebar, statusWords } from "./sidebar.js";
import { door } from "./door.js";
import { guide } from "./guide.js";
import { shelf } from "./shelf.js";

const $ = (id) => document.getElementById(id);
let s = null;            // the latest state
let panel = "";          // "door" when the panel shows it; a thread stands in the address
let tab = "messages";    // of the app: messages or home
let busy = false, again = false;
let unreadFrom = {};     // channel → where the reader had read to when it was opened

// route reads the address: #/person/channel/thread.
function route() {
  const [person, channel, thread] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return {
    person: person || sessionStorage.getItem("person") || document.body.dataset.person,
    channel: channel || document.body.dataset.channel, thread: thread || "",
  };
}
const path = (...parts) => "#/" + parts.filter(Boolean).map(encodeURIComponent).join("/").replaceAll("%40", "@");

const app = {
  me: () => s.me, views: () => s.views, now: () => new Date(s.now * 1000), route,
  zoneKey: () => s.me.tz + s.people.length,
  shortcuts: () => s.shortcuts.filter((x) => x.message),
  vocabulary: () => ({ ...s.vocabulary, people: s.people, channels: s.channels.filter((c) => !c.im) }),
  names: {
    user: (id) => s.people.find((p) => p.id === id), channel: (id) => [...s.channels, ...s.others].find((c) => c.id === id && !c.im),
    group: (id) => s.groups.find((g) => g.id === id), people: () => s.people.filter((p) => !p.bot),
    channels: () => s.channels.filter((c) => !c.im), now: () => app.now(),
  },
  link: (channel) => path(route().person, channel),
  go: async (person, channel) => {
    location.hash = path(person, channel);
    while (s.me.name !== person || s.channel.name !== channel) await new Promise((next) => { refresh().then(() => setTimeout(next, 30)); });
  },
  join: async (channel) => {
    const answer = await post("join", { as: s.me.id, channel: channel.id });
    if (answer.error) return say(answer.error);
    app.go(route().person, channel.name);
  },
  become: (person) => { sessionStorage.setItem("person", person); location.hash = path(person, route().channel); },
  openThread: (m) => { panel = ""; location.hash = path(route().person, route().channel, m.thread_ts || m.ts); },
  openDoor: () => { panel = "door"; if (route().thread) location.hash = app.link(route().channel); draw(); },
  closePanel: () => { panel = ""; if (route().thread) location.hash = app.link(route().channel); draw(); },
  closeSide: () => document.body.classList.remove("side-open"),
  say, refresh,
};

// say shows a passing word at the bottom.
function say(words) {
  if (!words) return;
  const toast = h("div", { class: "toast", role: "status" }, words);
  document.body.append(toast);
  setTimeout(() => toast.remove(), 5000);
}

// refresh reads the state again; calls while one is under way are joined into one more.
async function refresh() {
  if (busy) return void (again = true);
  busy = true;
  do {
    again = false;
    const at = route();
    try {
      s = await state({ as: at.person, channel: at.channel, thread: at.thread });
      draw();
    } catch (e) {
      console.error(e);
    }
  } while (again);
  busy = false;
}

app.composer = composer({
  app, target: () => ({ channel: s.channel.id, thread: "" }),
  placeholder: () => (s.channel.im ? "Message Shipmate" : "Message #" + s.channel.name) + (innerWidth < 600 ? "" : ", or type / for commands"),
});
const replies = composer({ app, target: () => ({ channel: s.channel.id, thread: route().thread }), placeholder: () => "Reply… (@shipmate works here too)" });
const forms = modals(app);
$("composer").append(app.composer.el);

function draw() {
  if (!s) return;
  setZone(s.me.tz);
  document.title = (s.channels.some((c) => c.unread && c.id !== s.channel.id) ? "• " : "") + (s.channel.im ? "Shipmate" : "#" + s.channel.name) + " · " + s.team;
  const clockless = { ...s, now: Math.floor(s.now / 60), messages: 0, thread: 0, bot: s.bot.state, vocabulary: 0 };
  changed($("side"), [clockless, route()], () => sidebar($("side"), s, app));
  changed($("head"), [s.channel, s.bot.state, s.sockets.open > 0, tab, panel, s.faults], head);
  changed($("shelf"), [s.channel.bookmarks, s.channel.pins, s.me.id, s.people.length], () => shelf($("shelf"), s.channel, app));
  guide($("guide"), s, app);
  drawMessages();
  drawPanel();
  forms.update(s.views);
  app.composer.update();
  read();
}

function changed(el, from, make) {
  const now = sig(from);
  if (el.dataset.sig !== now) make();
  el.dataset.sig = now;
}

function head() {
  const c = s.channel;
  const { light, words } = statusWords(s);
  const tabs = c.im && h("div", { class: "tabs", role: "tablist" }, [["home", "Home"], ["messages", "Messages"]].map(([id, label]) => h("button", {
    type: "button", role: "tab", "aria-selected": String(tab === id), on: { click: () => openTab(id) },
  }, label)));
  $("head").replaceChildren();
  add($("head"), [
    h("button", { type: "button", class: "icon-button only-phone", title: "Channels", on: { click: () => document.body.classList.toggle("side-open") } }, icon("menu")),
    h("div", { class: "head-name" }, h("h1", null, c.im ? "Shipmate" : [h("span", { class: "sign" }, c.private ? icon("lock") : "#"), c.name]), !c.im && c.topic && h("small", null, c.topic), tabs),
    h("button", { type: "button", class: "pill", id: "door-button", title: words + ". Open the stage door", "aria-pressed": String(panel === "door"), on: { click: () => (panel === "door" ? app.closePanel() : app.openDoor()) } },
      h("i", { class: "light " + light }), h("span", null, "Stage door"), s.faults > 0 && h("b", { class: "badge loud" }, String(s.faults)))]);
}

async function openTab(id) {
  tab = id;
  draw();
  if (id === "home") await post("home", { as: s.me.id });
  refresh();
}

function drawMessages() {
  const c = s.channel;
  const atHome = c.im && tab === "home";
  $("home").hidden = !atHome;
  $("scroll").hidden = $("composer").hidden = atHome;
  if (atHome) return changed($("home"), s.home || "none", () => $("home").replaceChildren(home(s.home, app)));
  const key = s.me.id + c.id;
  if ($("scroll").dataset.of !== key) {
    $("scroll").dataset.of = key;
    delete $("scroll").dataset.drawn;
    $("messages").replaceChildren();
    unreadFrom = { [key]: c.unread > 0 ? c.readTo || "0" : "" };
  }
  const intro = { key: "intro", sig: sig([c.id, c.name, c.topic, c.purpose]), make: () => begin(c) };
  show($("scroll"), $("messages"), [intro, ...messageItems(s.messages, { app, unreadFrom: unreadFrom[key] })]);
}

const begin = (c) => h("div", { class: "begin" }, h("div", { class: "begin-mark" }, c.im ? icon("anchor") : "#"),
  h("h2", null, c.im ? "You and Shipmate" : "#" + c.name),
  h("p", null, c.im ? "Whatever you can type with a slash you can say here without one: “deploy checkout staging”." : "This is where the channel begins." + (c.topic ? " Its topic: " + c.topic + "." : "") + (c.purpose ? " " + c.purpose : "")));

function drawPanel() {
  const thread = route().thread;
  const kind = panel || (thread && s.thread.length ? "thread" : "");
  document.body.classList.toggle("panel-open", Boolean(kind));
  $("panel").hidden = !kind;
  if (kind === "door") {
    $("panel").dataset.kind = "door";
    return door($("panel"), s, app);
  }
  if (kind === "thread") drawThread(thread);
}

function drawThread(ts) {
  const key = "thread" + s.me.id + ts;
  if ($("panel").dataset.kind !== key) {
    $("panel").dataset.kind = key;
    $("panel").replaceChildren(
      h("header", { class: "panel-head" }, h("div", null, h("h2", null, "Thread"), h("small", null, s.channel.im ? "Shipmate" : "#" + s.channel.name)),
        h("button", { type: "button", class: "icon-button", title: "Close", on: { click: app.closePanel } }, icon("x"))),
      h("div", { class: "panel-scroll" }, h("div", { class: "messages" })), replies.el);
    replies.update();
  }
  const scroller = $("panel").querySelector(".panel-scroll");
  show(scroller, scroller.firstElementChild, messageItems(s.thread, { app, thread: true }));
}

// read tells the stage how far the person has read.
let told = "";
function read() {
  const last = s.messages.at(-1);
  const key = last && s.me.id + s.channel.id + last.ts;
  if (!key || key === told || document.hidden) return;
  told = key;
  if (s.channel.readTo >= last.ts) return;
  post("read", { as: s.me.id, channel: s.channel.id, ts: last.ts });
}

window.addEventListener("hashchange", () => { tab = "messages"; refresh(); });
document.addEventListener("visibilitychange", () => s && draw());
$("shade").addEventListener("click", app.closeSide);
follow(refresh, (gone) => { $("gone").hidden = !gone; });
setInterval(() => { if (s) { s.now += 15; draw(); } }, 15000);
