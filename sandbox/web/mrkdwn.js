// Slack's mrkdwn as DOM nodes (Slack: Formatting text for app surfaces).

import { h, safeURL } from "./dom.js";
import { emoji, emojiNode, emojiAt } from "./emoji.js";
import { slackDate } from "./time.js";

// decode turns the three entities Slack escapes back into characters.
export const decode = (s) => s.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// mrkdwn renders a text; names ({user, channel, group, now}) resolves what mentions mean.
export function mrkdwn(text, names) {
  const out = [];
  const parts = text.split(/```\n?([\s\S]+?)\n?```/);
  parts.forEach((part, i) => {
    if (i % 2) out.push(h("pre", { class: "code" }, codeText(part)));
    else if (part) out.push(...lines(i > 0 ? part.replace(/^\n/, "") : part, names));
  });
  return out;
}

// lines separates quoted lines from others.
function lines(text, names) {
  const out = [];
  let quote = null;
  const all = text.split("\n");
  all.forEach((line, i) => {
    const quoted = line.match(/^(?:&gt;|>)\s?(.*)$/);
    if (quoted) {
      if (!quote) out.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], names));
      return;
    }
    if (i > 0 && !quote) out.push(h("br"));
    quote = null;
    out.push(...inline(line, names));
  });
  return out;
}

// plain renders a plain_text object: emoji names are the only thing that means something.
export function plain(text, withEmoji = true) {
  return withEmoji ? text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) || whole) : text;
}

// plainNodes is plain with the emoji that the page draws itself.
export function plainNodes(text) {
  const out = [];
  const said = plain(text);
  let from = 0;
  for (let i = 0; i < said.length;) {
    const found = said[i] > "\u2000" ? emojiAt(said, i) : null;
    if (!found) { i++; continue; }
    out.push(said.slice(from, i), emojiNode(found.name));
    i = from = found.end;
  }
  return [...out, said.slice(from)].filter((x) => x !== "");
}

const pairs = { "*": "strong", _: "em", "~": "s" };
const word = /[\p{L}\p{N}]/u;

function inline(text, names) {
  const out = [];
  let buffer = "";
  const flush = () => { if (buffer) out.push(decode(buffer)); buffer = ""; };
  for (let i = 0; i < text.length;) {
    const found = token(text, i, names);
    if (found) {
      flush();
      out.push(found.node);
      i = found.end;
    } else {
      buffer += text[i++];
    }
  }
  flush();
  return out;
}

// token reads what begins at i, if something does.
function token(text, i, names) {
  const c = text[i];
  if (c === "<") return bracket(text, i, names);
  if (c === "`") {
    const end = text.indexOf("`", i + 1);
    return end > i + 1 ? { node: h("code", null, inCode(text.slice(i + 1, end), names)), end: end + 1 } : null;
  }
  if (c === ":") {
    const m = /^:([a-z0-9_+-]+):/.exec(text.slice(i, i + 50));
    return m && emoji(m[1]) ? { node: emojiNode(m[1]), end: i + m[0].length } : null;
  }
  if (c > "\u2000") {
    const found = emojiAt(text, i);
    return found && { node: emojiNode(found.name), end: found.end };
  }
  if (pairs[c] && !(i > 0 && word.test(text[i - 1]))) {
    const end = closing(text, i, c);
    return end ? { node: h(pairs[c], null, inline(text.slice(i + 1, end), names)), end: end + 1 } : null;
  }
  return null;
}

// closing finds the mark that ends what begins at i; 0 when there is none. Marks inside <…> and `…` do not count.
function closing(text, i, mark) {
  if (i + 1 >= text.length || /\s/.test(text[i + 1]) || text[i + 1] === mark) return 0;
  for (let j = i + 1; j < text.length; j++) {
    if (text[j] === "<" || text[j] === "`") {
      const end = text.indexOf(text[j] === "<" ? ">" : "`", j + 1);
      if (end > 0) j = end;
    } else if (text[j] === mark && !/\s/.test(text[j - 1]) && !(j + 1 < text.length && word.test(text[j + 1]))) {
      return j;
    }
  }
  return 0;
}

// inCode shows inline code: all as it is, except that links stay links.
function inCode(text, names) {
  return text.split(/(<https?:[^<>\s]+>)/).map((part, i) => (i % 2 ? bracket(part, 0, names).node : decode(part)));
}

// codeText shows code as it is, except that links in it read as their words.
const codeText = (s) => decode(s.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, url, label) => label || url));

function bracket(text, i, names) {
  const m = /^<([^<>\n]+)>/.exec(text.slice(i, i + 3100));
  if (!m) return null;
  const [target, ...rest] = m[1].split("|");
  return { node: reference(target, rest.join("|"), names) || document.createTextNode(decode(m[0])), end: i + m[0].length };
}

function reference(target, label, names) {
  const mention = (text, me) => h("span", { class: "mention" + (me ? " me" : "") }, text);
  if (target.startsWith("@")) {
    const user = names.user(target.slice(1));
    return mention("@" + (user ? user.name : label || "unknown"), user && user.me);
  }
  if (target.startsWith("#")) {
    const channel = names.channel(target.slice(1));
    return mention("#" + (channel ? channel.name : label || "private channel"));
  }
  if (target.startsWith("!date^")) return date(target, label, names);
  if (target.startsWith("!subteam^")) {
    const group = names.group(target.slice("!subteam^".length));
    return mention("@" + (group ? group.handle : label.replace(/^@/, "") || "unknown-group"), group && group.mine);
  }
  if (target.startsWith("!")) return mention("@" + decode(label || target.slice(1)), true);
  const url = safeURL(decode(target));
  if (!url) return null;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, plain(decode(label || target)));
}

function date(target, fallback, names) {
  const [, unix, template, link] = target.split("^");
  const text = /^\d+$/.test(unix) && template ? slackDate(Number(unix), decode(template), names.now()) : decode(fallback);
  const url = link && safeURL(decode(link));
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text)
    : h("time", { title: decode(fallback) }, text);
}
