// What could come next in a line, from the bot's usage strings and the names on the stage.

const fillers = new Set(["to", "on", "in", "from", "the", "at"]);

// complete looks at the text before the cursor. vocabulary: {commands, services, environments, people, channels}.
// It returns {from, rows: [{text, label, hint, whole}], usage}; from is where what is being typed begins.
export function complete(text, vocabulary) {
  const from = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\n")) + 1;
  const last = text.slice(from);
  const line = asLine(text);
  if (line !== null) return command(line, last, from, vocabulary);
  if (/^@\w*/.test(last)) {
    return result(from, vocabulary.people.filter((p) => starts(p.name, last.slice(1)) || starts(p.real, last.slice(1)))
      .map((p) => ({ text: "@" + p.name, label: "@" + p.name, hint: p.real })));
  }
  if (/^#[\w-]*/.test(last)) {
    return result(from, vocabulary.channels.filter((c) => starts(c.name, last.slice(1)))
      .map((c) => ({ text: "#" + c.name, label: "#" + c.name, hint: c.topic })));
  }
  return result(from, []);
}

// asLine returns what is said to the bot, without slash or mention; null when the text is not for it.
function asLine(text) {
  const m = /^(?:\/|@shipmate\s+)(.*)$/s.exec(text);
  return m ? m[1] : null;
}

const starts = (word, prefix) => (word || "").toLowerCase().startsWith(prefix.toLowerCase());
const result = (from, rows, usage) => ({ from, rows: rows.slice(0, 30), usage });

function command(line, last, from, vocabulary) {
  const words = line.split(/\s+/);
  const slash = last.startsWith("/") ? "/" : "";
  if (words.length === 1) return roots(words[0], slash, from, vocabulary);
  const typed = words.slice(0, -1).join(" ").toLowerCase();
  const known = longest(typed, vocabulary.commands);
  const rows = vocabulary.commands
    .filter((c) => c.name !== typed && c.name.startsWith(typed + " ") && starts(c.name.slice(typed.length + 1), last))
    .map((c) => ({ text: c.name.slice(typed.length + 1).split(" ")[0], label: c.name.slice(typed.length + 1), hint: c.short }));
  if (!known) return result(from, rows);
  const given = typed.slice(known.name.length).split(/\s+/).filter((w) => w && !fillers.has(w));
  const slots = (known.args || "").split(/\s+/).filter((s) => s && !isFiller(s));
  const values = argument(slots[given.length] || "", last, given, vocabulary);
  const usage = { line: "/" + known.name + " " + (known.args || ""), short: known.short };
  return result(from, values.concat(rows).filter((r) => r.text !== last), usage);
}

function roots(word, slash, from, vocabulary) {
  const seen = new Map();
  for (const c of vocabulary.commands) {
    const root = c.name.split(" ")[0];
    if (starts(root, word) && (!seen.has(root) || c.name === root)) seen.set(root, c);
  }
  return result(from, [...seen].map(([root, c]) => ({
    text: slash + root, label: "/" + root, hint: c.name === root ? [c.args, c.short].filter(Boolean).join(" · ") : c.short, whole: true,
  })));
}

// longest finds the command with the most words that the typed words begin with.
function longest(typed, commands) {
  return commands.filter((c) => (typed + " ").startsWith(c.name + " ")).sort((a, b) => b.name.length - a.name.length)[0];
}

const isFiller = (slot) => /^\[(to|on|in|from)(\|(to|on|in|from))*\]$/.test(slot);

function argument(slot, last, given, vocabulary) {
  if (/service/.test(slot)) return service(slot, last, vocabulary);
  if (/environment/.test(slot)) {
    const here = vocabulary.services.find((s) => s.name === given[0]);
    return vocabulary.environments
      .filter((e) => (starts(e.name, last) || e.aliases.some((a) => starts(a, last))) && (!here || here.environments.includes(e.name)))
      .map((e) => ({ text: e.name, label: e.name, hint: e.hint }));
  }
  if (/command/.test(slot)) return vocabulary.commands.filter((c) => starts(c.name, last)).map((c) => ({ text: c.name, label: c.name, hint: c.short }));
  return [];
}

function service(slot, last, vocabulary) {
  const [name, ref] = last.split("@");
  if (ref !== undefined && /@/.test(slot)) {
    const here = vocabulary.services.find((s) => s.name === name || s.aliases.includes(name));
    return (here ? here.refs : []).filter((r) => r.name.toLowerCase().includes(ref.toLowerCase()))
      .map((r) => ({ text: name + "@" + r.name, label: r.name, hint: r.kind }));
  }
  return vocabulary.services.filter((s) => starts(s.name, last) || s.aliases.some((a) => starts(a, last)))
    .map((s) => ({ text: s.name, label: s.name, hint: s.hint }));
}
