// Block Kit as DOM nodes (Slack: Block Kit reference). A surface says what its blocks can do:
//   names     resolves mentions
//   act       (element, block, values) → promise; an interactive element was used
//   suggest   (element, block, query) → promise of options
//   values    Map of "block/action" → value, for forms; null where nothing is filled in
//   errors    {block_id: sentence}, for forms

import { h, safeURL } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { element } from "./elements.js";

// blocks renders a list of blocks.
export function blocks(list, surface) {
  return (list || []).map((block) => {
    const draw = kinds[block.type] || unknown;
    const el = draw(block, surface);
    el.classList.add("block", "b-" + block.type);
    return el;
  });
}

// textObject renders a mrkdwn or plain_text object.
export function textObject(t, surface) {
  if (!t) return [];
  return t.type === "mrkdwn" ? mrkdwn(t.text || "", surface.names) : [plain(t.text || "", t.emoji !== false)];
}

function section(b, surface) {
  return h("div", null,
    h("div", { class: "b-main" },
      b.text && h("div", { class: "b-text" }, textObject(b.text, surface)),
      b.fields && h("div", { class: "b-fields" }, b.fields.map((f) => h("div", { class: "b-field" }, textObject(f, surface))))),
    b.accessory && h("div", { class: "b-accessory" }, b.accessory.type === "image" ? picture(b.accessory) : element(b.accessory, b, surface)));
}

const header = (b, surface) => h("h4", null, textObject(b.text, surface));
const divider = () => h("hr");
const context = (b, surface) => h("div", null, (b.elements || []).map((e) =>
  e.type === "image" ? picture(e) : h("span", null, textObject(e, surface))));
const actions = (b, surface) => h("div", null, (b.elements || []).map((e) => element(e, b, surface)));

function picture(e) {
  const url = safeURL(e.image_url || "");
  return url ? h("img", { src: url, alt: e.alt_text || "", loading: "lazy" }) : h("span", { class: "muted" }, e.alt_text || "image");
}

function image(b, surface) {
  return h("figure", null, b.title && h("figcaption", null, textObject(b.title, surface)), picture(b));
}

function input(b, surface) {
  const error = surface.errors && surface.errors[b.block_id];
  const id = "f-" + b.block_id + "-" + b.element.action_id;
  return h("div", { class: error ? "wrong" : "" },
    h("label", { for: id }, textObject(b.label, surface), b.optional && h("span", { class: "muted" }, " (optional)")),
    element(b.element, b, surface, id),
    error ? h("p", { class: "error", role: "alert" }, error) : null,
    b.hint && h("p", { class: "hint" }, textObject(b.hint, surface)));
}

// markdown blocks are shown as the text they are; the few marks that read well are kept by mrkdwn.
function markdown(b, surface) {
  const escaped = (b.text || "").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return h("div", null, mrkdwn(escaped.replace(/\*\*(.+?)\*\*/g, "*$1*"), surface.names));
}

function rich_text(b, surface) {
  const style = (e, node) => {
    for (const [name, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]]) {
      if (e.style && e.style[name]) node = h(tag, null, node);
    }
    return node;
  };
  const leaf = (e) => {
    if (e.type === "text") return style(e, e.text);
    if (e.type === "emoji") return plain(":" + e.name + ":");
    if (e.type === "link") return style(e, safeURL(e.url) ? h("a", { href: safeURL(e.url), target: "_blank", rel: "noopener noreferrer" }, e.text || e.url) : e.text || e.url);
    const target = { user: "@" + e.user_id, channel: "#" + e.channel_id, usergroup: "!subteam^" + e.usergroup_id, broadcast: "!" + e.range }[e.type];
    return target ? mrkdwn("<" + target + ">", surface.names) : "";
  };
  const node = (e) => {
    const inner = (e.elements || []).map((c) => (c.elements ? node(c) : leaf(c)));
    if (e.type === "rich_text_list") return h(e.style === "ordered" ? "ol" : "ul", null, inner.map((i) => h("li", null, i)));
    const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" }[e.type] || "div";
    return h(tag, { class: tag === "pre" ? "code" : "" }, inner);
  };
  return h("div", null, (b.elements || []).map(node));
}

const unknown = (b) => h("div", { class: "muted" }, "This stage does not draw blocks of type " + b.type + ".");

const kinds = { section, header, divider, context, image, actions, input, rich_text, markdown };
