// Messages of a channel or a thread.

import { h, patch, avatar, icon } from "./dom.js";
import { mrkdwn, decode } from "./mrkdwn.js";
import { blocks } from "./blocks.js";
import { emojiNode, quick } from "./emoji.js";
import { reactions, reactButton, toggle } from "./react.js";
import { float } from "./float.js";
import { clock, dateOf, dayKey, day, full } from "./time.js";
import { post } from "./api.js";

// sig is a short fingerprint of what an element was made from.
export function sig(value) {
  const s = JSON.stringify(value);
  let a = 5381;
  for (let i = 0; i < s.length; i++) a = (a * 33) ^ s.charCodeAt(i);
  return (a >>> 0).toString(36) + s.length.toString(36);
}

// messageItems makes what patch wants for a list of messages. view: {app, thread: bool, unreadFrom: ts}.
export function messageItems(list, view) {
  const items = [];
  const now = view.app.now();
  let before = null, marked = false;
  list.forEach((m, i) => {
    const at = dateOf(m.ts);
    const newDay = !before || dayKey(dateOf(before.ts)) !== dayKey(at);
    if (newDay && !view.thread) {
      const name = day(at, now);
      items.push({ key: "day" + dayKey(at), sig: name, make: () => h("div", { class: "day" }, h("span", null, name)) });
    }
    if (!marked && view.unreadFrom && parseFloat(m.ts) > parseFloat(view.unreadFrom) && m.user !== view.app.me().id) {
      marked = true;
      items.push({ key: "new", sig: "new", make: () => h("div", { class: "new-mark" }, h("span", null, "New")) });
    }
    const compact = Boolean(before && !m.bot_id && !newDay && author(before) === author(m) && !before.ephemeral === !m.ephemeral &&
      m.ts - before.ts < 300 && !(view.thread && i === 1));
    const parent = view.thread && i === 0;
    items.push({
      key: m.ts + (m.ephemeral ? "e" : ""), sig: sig([m, compact, parent, view.app.zoneKey()]),
      make: () => message(m, { ...view, compact, parent }),
    });
    if (parent) {
      const n = list.length - 1;
      items.push({ key: "replies", sig: String(n), make: () => h("div", { class: "replies-mark" }, n === 1 ? "1 reply" : n + " replies") });
    }
    before = m;
  });
  return items;
}

const author = (m) => m.user || m.bot_id || m.username;

// show draws items and keeps the list at its end if it was there.
export function show(scroller, list, items) {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  patch(list, items);
  if (atEnd || !scroller.dataset.drawn) scroller.scrollTop = scroller.scrollHeight;
  scroller.dataset.drawn = "yes";
}

function message(m, view) {
  const app = view.app;
  const who = app.names.user(m.user) || { name: m.username || "Shipmate", real: m.username || "Shipmate", initials: "S", hue: 200, bot: true };
  const at = dateOf(m.ts);
  return h("article", { class: "message" + (view.compact ? " compact" : "") + (m.ephemeral ? " ephemeral" : ""), tabindex: "-1", data: { ts: m.ts } },
    h("div", { class: "gutter" }, view.compact ? h("time", { class: "side-time", title: full(at) }, clock(at)) : avatar(who)),
    h("div", { class: "body" },
      m.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
      !view.compact && h("header", null,
        h("strong", null, m.username || who.real || who.name), who.bot && h("span", { class: "tag" }, "App"),
        h("time", { title: full(at) }, clock(at))),
      m.pin && h("div", { class: "pinned-by" }, icon("pin"), "Pinned by " + ((app.names.user(m.pin.by) || {}).real || "Shipmate")),
      m.broadcast && !view.thread && h("div", { class: "muted small" }, "replied to a thread"),
      content(m, view),
      m.reactions && m.reactions.length > 0 && reactions(m, app),
      !view.thread && m.reply_count > 0 && h("button", { class: "thread-link", type: "button", on: { click: () => app.openThread(m) } },
        h("b", null, m.reply_count === 1 ? "1 reply" : m.reply_count + " replies"),
        m.latest_reply && h("span", { class: "muted" }, "Last at " + clock(dateOf(m.latest_reply))), icon("right"))),
    !m.ephemeral && toolbar(m, view));
}

function content(m, view) {
  const app = view.app;
  const attached = (m.attachments || []).map((a) => h("div", { class: "attachment", style: { "--bar": /^#[0-9a-f]{6}$/i.test(a.color || "") ? a.color : "var(--line-strong)" } },
    a.text && h("div", { class: "text" }, mrkdwn(a.text, app.names)), blocks(a.blocks, surface(m, app))));
  const edited = m.edited && !m.bot_id && h("span", { class: "muted small" }, " (edited)");
  if (/^(channel|group)_/.test(m.subtype || "")) return h("div", { class: "text muted" }, mrkdwn(m.text || "", app.names));
  const words = !m.bot_id && m.text; // what people type comes with the same text as blocks
  if (!words && m.blocks && m.blocks.length) return h("div", { class: "blocks" }, blocks(m.blocks, surface(m, app)), attached);
  return h("div", { class: "text" }, mrkdwn(m.text || "", app.names), edited, attached, (m.files || []).map(file));
}

function file(f) {
  if (!/\.(png|jpe?g|gif)$/i.test(f.name)) return h("div", { class: "file" }, icon("file"), h("span", null, f.title || f.name));
  const url = "/api/file/" + encodeURIComponent(f.id);
  return h("figure", { class: "shot" }, h("figcaption", null, f.title || f.name),
    h("a", { href: url, target: "_blank", rel: "noopener" }, h("img", { src: url, alt: f.alt_txt || f.name })));
}

function surface(m, app) {
  const target = { as: app.me().id, channel: m.channel, ts: m.ts };
  return {
    names: app.names,
    suggest: async (e, block, query) => (await post("suggest", { ...target, action: e.action_id, query })).options,
    act: async (e, block, values) => {
      const what = e.type === "button" ? "press" : "select";
      const answer = await post(what, { ...target, action: e.action_id, value: e.value || "", values });
      app.refresh();
      return answer.error || answer.trouble || "";
    },
  };
}

// toolbar is what can be done with a message: react, reply, the app's message shortcuts, and what its author can do.
function toolbar(m, view) {
  const app = view.app;
  const bar = h("div", { class: "toolbar" },
    quick.map((name) => h("button", { type: "button", class: "quick", title: ":" + name + ":", on: { click: () => toggle(m, name, app) } }, emojiNode(name))),
    reactButton(m, app),
    !view.thread && h("button", { type: "button", title: "Reply in thread", on: { click: () => app.openThread(m) } }, icon("thread")));
  const more = h("button", { type: "button", title: "More actions", "aria-haspopup": "menu" }, icon("more"));
  more.addEventListener("click", () => menu(more, m, view));
  bar.append(more);
  return bar;
}

function menu(anchor, m, view) {
  const app = view.app;
  const row = (label, fn, hint) => h("button", { type: "button", class: "menu-row", on: { click: () => { close(); fn(); } } }, h("span", null, label, hint && h("small", null, hint)));
  const mine = m.user === app.me().id && !m.bot_id && !m.subtype;
  const rows = [
    ...app.shortcuts().map((s) => row(s.name, async () => {
      const answer = await post("shortcut", { as: app.me().id, callback: s.callback, channel: m.channel, ts: m.ts });
      app.say(answer.error || answer.trouble || "");
      app.refresh();
    }, s.description || "Shipmate")),
    !view.thread && row("Reply in thread", () => app.openThread(m)),
    mine && row("Edit message", () => edit(m, anchor.closest(".message"), app)),
    mine && row("Delete message", () => act("delete", m, app)),
    row("Copy text", () => navigator.clipboard && navigator.clipboard.writeText(m.text || "")),
  ].filter(Boolean);
  const close = float(h("div", { class: "menu", role: "menu" }, rows), anchor);
}

async function act(what, m, app, more) {
  const answer = await post(what, { as: app.me().id, channel: m.channel, ts: m.ts, ...more });
  app.say(answer.error || "");
  app.refresh();
  return !answer.error;
}

// typed is a message as its author would type it: names instead of IDs, no escapes.
function typed(m, app) {
  const named = (m.text || "").replace(/<([@#])(\w+)(?:\|[^>]*)?>/g, (whole, sign, id) => {
    const found = sign === "@" ? app.names.user(id) : app.names.channel(id);
    return found ? sign + found.name : whole;
  });
  return decode(named);
}

// edit puts a field in a message's place, until it is saved or left.
function edit(m, el, app) {
  const body = el.querySelector(".body > .text");
  if (!body) return;
  const box = h("textarea", { rows: 2, "aria-label": "Edit message" });
  box.value = typed(m, app);
  const form = h("form", { class: "edit" }, box, h("div", { class: "buttons" },
    h("button", { type: "button", class: "btn", on: { click: () => form.replaceWith(body) } }, "Cancel"),
    h("button", { type: "submit", class: "btn primary" }, "Save")));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (await act("edit", m, app, { text: box.value.trim() }) && form.isConnected) form.replaceWith(body);
  });
  box.addEventListener("keydown", (e) => {
    if (e.key === "Escape") form.replaceWith(body);
    else if (e.key === "Enter" && !e.shiftKey) form.requestSubmit();
    else return;
    e.preventDefault();
  });
  body.replaceWith(form);
  box.focus();
}
