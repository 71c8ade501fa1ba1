// Times, always in the zone of the person who looks.

let zone = "UTC";
const formats = new Map();

// setZone says whose zone times are shown in; an unknown name leaves it as it was.
export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    if (name !== zone) formats.clear();
    zone = name;
  } catch { /* a zone this browser does not know */ }
}

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

export const dateOf = (ts) => new Date(parseFloat(ts) * 1000);
export const clock = (d) => format({ hour: "2-digit", minute: "2-digit" }).format(d);
export const clockSeconds = (d) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(d);
export const dayKey = (d) => format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(d);
export const full = (d) => format({ dateStyle: "full", timeStyle: "long" }).format(d);

// day names a day as people do: Today, Yesterday, Monday, 3 March.
export function day(d, now) {
  const names = { [dayKey(now)]: "Today", [dayKey(new Date(now - 864e5))]: "Yesterday", [dayKey(new Date(+now + 864e5))]: "Tomorrow" };
  return names[dayKey(d)] || format({ weekday: "long", day: "numeric", month: "long" }).format(d);
}

// ago says how long before now something was.
export function ago(d, now) {
  const s = Math.max(0, Math.round((now - d) / 1000));
  if (s < 60) return "just now";
  if (s < 3600) return Math.floor(s / 60) + " min ago";
  if (s < 86400) return Math.floor(s / 3600) + " h ago";
  return Math.floor(s / 86400) + " d ago";
}

// slackDate fills in the tokens of a <!date^…> template (Slack: Formatting text, date formatting).
export function slackDate(unix, template, now) {
  const d = new Date(unix * 1000);
  const pretty = (style) => {
    const name = day(d, now);
    return /^(Today|Yesterday|Tomorrow)$/.test(name) ? name.toLowerCase() : format(style).format(d);
  };
  const long = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const medium = { day: "numeric", month: "long", year: "numeric" };
  const short = { day: "numeric", month: "short", year: "numeric" };
  const tokens = {
    date: () => format(medium).format(d), date_short: () => format(short).format(d), date_long: () => format(long).format(d),
    date_num: () => format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(d).split("/").reverse().join("-"),
    date_pretty: () => pretty(medium), date_short_pretty: () => pretty(short), date_long_pretty: () => pretty(long),
    time: () => clock(d), time_secs: () => clockSeconds(d), ago: () => ago(d, now),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name) => (tokens[name] ? tokens[name]() : whole));
}
