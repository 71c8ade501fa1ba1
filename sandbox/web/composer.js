// The input below a channel or a thread.

import { h, icon } from "./dom.js";
import { complete } from "./complete.js";
import { post } from "./api.js";

// composer makes an input. o: app, target() → {channel, thread}, placeholder().
export function composer(o) {
  const box = h("textarea", { rows: 1, "aria-label": "Message", autocomplete: "off", spellcheck: "false", enterkeyhint: "send" });
  const send = h("button", { type: "submit", class: "send", title: "Send", disabled: true }, icon("send"));
  const rows = h("div", { class: "complete", role: "listbox" });
  const note = h("div", { class: "composer-note", role: "status" });
  const form = h("form", { class: "composer" }, note, rows, h("div", { class: "composer-box" }, box, send));
  const past = [];
  let found = { rows: [] }, at = -1, back = 0;

  const grow = () => {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight, 160) + "px";
    send.disabled = !box.value.trim();
  };
  const offer = () => {
    const before = box.value.slice(0, box.selectionStart);
    found = before ? complete(before, o.app.vocabulary()) : { rows: [] };
    at = found.rows[0] && found.rows[0].whole ? 0 : -1;
    draw();
  };
  const draw = () => {
    const usage = found.usage && h("div", { class: "usage" }, h("code", null, found.usage.line), h("span", null, found.usage.short));
    rows.replaceChildren(...[usage, ...found.rows.slice(0, 8).map((r, i) => h("button", {
      type: "button", class: "menu-row" + (i === at ? " at" : ""), role: "option", "aria-selected": String(i === at),
      on: { pointerdown: (e) => { e.preventDefault(); accept(r); } },
    }, h("span", null, r.label), r.hint && h("small", null, r.hint)))].filter(Boolean));
    rows.classList.toggle("open", Boolean(usage || found.rows.length));
  };
  const accept = (row) => {
    const after = box.value.slice(box.selectionStart);
    const start = box.value.slice(0, found.from) + row.text + " ";
    box.value = start + after.trimStart();
    box.setSelectionRange(start.length, start.length);
    grow();
    offer();
  };
  const submit = async () => {
    const text = box.value.trim();
    if (!text) return;
    past.unshift(text);
    back = 0;
    set("");
    const answer = await post("say", { as: o.app.me().id, ...o.target(), text });
    say(answer.error || "");
    if (answer.error) set(text);
    o.app.refresh();
  };
  const set = (text) => {
    box.value = text;
    grow();
    found = { rows: [] };
    draw();
  };
  const say = (words) => note.replaceChildren(...(words ? [h("b", null, "Slackbot"), h("span", null, words),
    h("button", { type: "button", class: "link", on: { click: () => say("") } }, "Dismiss")] : []));

  box.addEventListener("input", () => { say(""); grow(); offer(); });
  box.addEventListener("blur", () => { found = { rows: [] }; draw(); });
  box.addEventListener("keydown", (e) => {
    const open = found.rows.length > 0;
    if (open && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      const n = Math.min(found.rows.length, 8);
      at = e.key === "ArrowDown" ? (at + 1) % n : (at <= 0 ? n : at) - 1;
      draw();
    } else if (open && e.key === "Tab" && !e.shiftKey) accept(found.rows[Math.max(at, 0)]);
    else if (open && e.key === "Enter" && at >= 0) accept(found.rows[at]);
    else if (open && e.key === "Escape") { found = { rows: [] }; draw(); }
    else if (e.key === "Enter" && !e.shiftKey && !e.isComposing) submit();
    else if (e.key === "ArrowUp" && past.length && (!box.value || back)) set(past[Math.min(back++, past.length - 1)]);
    else return;
    e.preventDefault();
  });
  form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });

  return {
    el: form,
    focus: () => box.focus(),
    update: () => { box.placeholder = o.placeholder(); },
    // type writes a line as if by hand, and sends it.
    type: async (text) => {
      set("");
      box.focus();
      for (let i = 1; i <= text.length; i++) {
        box.value = text.slice(0, i);
        grow();
        await new Promise((r) => setTimeout(r, 14));
      }
      await new Promise((r) => setTimeout(r, 250));
      await submit();
    },
  };
}
