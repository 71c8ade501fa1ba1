// The interactive elements of Block Kit. In a message, or in a form's block that dispatches actions, using one tells the
// app at once; in any other form it only fills in a value.

import { h, safeURL, icon } from "./dom.js";
import { plain, plainNodes } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { ask } from "./dialog.js";

// element draws one element; id is the form field's, if any.
export function element(e, block, surface, id) {
  const draw = kinds[e.type];
  return draw ? draw(e, block, surface, id) : h("span", { class: "muted" }, "(" + e.type + ")");
}

export const keyOf = (e, block) => block.block_id + "/" + e.action_id;
const text = (t) => (t ? plain(t.text || "") : "");

// use asks what the element wants asked and then acts, showing that it waits.
async function use(el, e, block, surface, values) {
  if (e.confirm && !(await ask(e.confirm, surface))) return;
  el.classList.add("busy");
  el.removeAttribute("title");
  el.classList.remove("failed");
  const trouble = await surface.act(e, block, values);
  el.classList.remove("busy");
  if (trouble) {
    el.classList.add("failed");
    el.title = trouble;
  }
}

// changed keeps a field's value and tells the app where the block says so.
function changed(el, e, block, surface, values) {
  const live = !surface.values || block.type !== "input" || block.dispatch_action;
  if (surface.values && block.type === "input") surface.values.set(keyOf(e, block), values);
  if (live) use(el, e, block, surface, values);
}

const startOf = (e, block, surface, initial) =>
  (surface.values && surface.values.get(keyOf(e, block))) || (surface.values && remember(e, block, surface, initial)) || initial;

function remember(e, block, surface, initial) {
  if (block.type === "input") surface.values.set(keyOf(e, block), initial);
  return initial;
}

function button(e, block, surface) {
  const look = "btn" + (e.style === "primary" || e.style === "danger" ? " " + e.style : "");
  const url = safeURL(e.url || "");
  const el = h("button", { class: look, type: "button", "aria-label": e.accessibility_label || false }, e.text ? plainNodes(e.text.text || "") : "", url && icon("out"));
  el.addEventListener("click", () => {
    if (el.classList.contains("busy")) return;
    if (url) window.open(url, "_blank", "noopener,noreferrer");
    use(el, e, block, surface, []);
  });
  return el;
}

const optionOf = (o) => ({ value: o.value, label: text(o.text), hint: text(o.description) });
const listed = (e) => (e.option_groups
  ? e.option_groups.flatMap((g) => g.options.map((o) => ({ ...optionOf(o), group: text(g.label) })))
  : (e.options || []).map(optionOf));

function select(options, multi) {
  return (e, block, surface, id) => {
    const initial = [e.initial_option, ...(e.initial_options || [])].filter(Boolean).map(optionOf);
    for (const given of [e.initial_user, ...(e.initial_users || []), e.initial_channel, e.initial_conversation].filter(Boolean)) {
      initial.push((options(e, surface) || []).find((o) => o.value === given) || { value: given, label: given });
    }
    const known = startOf(e, block, surface, initial.map((o) => o.value));
    const all = options(e, surface);
    const chosen = known.map((v) => [...initial, ...(all || [])].find((o) => o.value === v) || { value: v, label: v });
    return picker({
      id, multi, chosen, placeholder: text(e.placeholder) || (multi ? "Choose some" : "Choose one"), options: all,
      suggest: all ? null : (query) => surface.suggest(e, block, query), least: e.min_query_length ?? 3,
      onChange: (el, picked) => changed(el, e, block, surface, picked.map((o) => o.value)),
    });
  };
}

const people = (_, surface) => surface.names.people().map((p) => ({ value: p.id, label: "@" + p.name, hint: p.real }));
const channels = (_, surface) => surface.names.channels().map((c) => ({ value: c.id, label: "#" + c.name }));

function overflow(e, block, surface) {
  return picker({
    menu: true, chosen: [], options: listed(e), label: "More",
    onChange: (el, picked) => use(el, e, block, surface, picked.map((o) => o.value)),
  });
}

function field(make) {
  return (e, block, surface, id) => {
    const initial = e.initial_value ?? e.initial_date ?? e.initial_time ?? "";
    const el = make(e);
    el.id = id || "";
    el.value = startOf(e, block, surface, [String(initial)])[0] || "";
    el.placeholder = text(e.placeholder);
    if (e.max_length) el.maxLength = e.max_length;
    const typed = () => surface.values && surface.values.set(keyOf(e, block), [el.value]);
    el.addEventListener("input", typed);
    if (block.type !== "input" || block.dispatch_action) {
      el.addEventListener(el.tagName === "TEXTAREA" ? "change" : "change", () => use(el, e, block, surface, [el.value]));
    }
    return el;
  };
}

function choices(type) {
  return (e, block, surface, id) => {
    const initial = [e.initial_option, ...(e.initial_options || [])].filter(Boolean).map((o) => o.value);
    const on = new Set(startOf(e, block, surface, initial));
    const box = h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", id: id || false });
    for (const o of listed(e)) {
      const input = h("input", { type, name: keyOf(e, block), value: o.value });
      input.checked = on.has(o.value);
      input.addEventListener("change", () => changed(box, e, block, surface,
        [...box.querySelectorAll("input")].filter((i) => i.checked).map((i) => i.value)));
      box.append(h("label", null, input, h("span", null, o.label, o.hint && h("small", null, o.hint))));
    }
    return box;
  };
}

const kinds = {
  button, overflow,
  static_select: select(listed), multi_static_select: select(listed, true),
  external_select: select(() => null), multi_external_select: select(() => null, true),
  users_select: select(people), multi_users_select: select(people, true),
  channels_select: select(channels), multi_channels_select: select(channels, true),
  conversations_select: select(channels), multi_conversations_select: select(channels, true),
  plain_text_input: field((e) => (e.multiline ? h("textarea", { rows: 4 }) : h("input", { type: "text", autocomplete: "off" }))),
  number_input: field(() => h("input", { type: "number" })),
  email_text_input: field(() => h("input", { type: "email" })),
  url_text_input: field(() => h("input", { type: "url" })),
  datepicker: field(() => h("input", { type: "date" })),
  timepicker: field(() => h("input", { type: "time" })),
  checkboxes: choices("checkbox"), radio_buttons: choices("radio"),
};
