import { h } from "./dom.js";

// The emoji that people on this stage and Shipmate use, by short name.

const named = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", tada: "🎉", rocket: "🚀", ship: "🚢", anchor: "⚓", sailboat: "⛵",
  wave: "👋", eyes: "👀", pray: "🙏", clap: "👏", raised_hands: "🙌", muscle: "💪", point_right: "👉", point_up: "☝️", ok_hand: "👌",
  heart: "❤️", fire: "🔥", sparkles: "✨", star: "⭐", bulb: "💡", bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑",
  snowflake: "❄️", sunny: "☀️", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", spiral_calendar_pad: "🗓️", leftwards_arrow_with_hook: "↩️", memo: "📝", pushpin: "📌",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", no_entry: "⛔", no_entry_sign: "🚫",
  warning: "⚠️", rotating_light: "🚨", construction: "🚧", information_source: "ℹ️", question: "❓", exclamation: "❗",
  red_circle: "🔴", large_green_circle: "🟢", large_blue_circle: "🔵", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁", rewind: "⏪",
  fast_forward: "⏩", double_vertical_bar: "⏸️", arrow_forward: "▶️", black_right_pointing_double_triangle_with_vertical_bar: "⏭️", wastebasket: "🗑️", black_square_for_stop: "⏹️", octagonal_sign: "🛑", package: "📦", wrench: "🔧", hammer: "🔨", writing_hand: "✍️", gear: "⚙️",
  bug: "🐛", mag: "🔍", link: "🔗", clipboard: "📋", chart_with_upwards_trend: "📈", bar_chart: "📊", pager: "📟", phone: "☎️",
  smile: "😄", slightly_smiling_face: "🙂", joy: "😂", sweat_smile: "😅", thinking_face: "🤔", cry: "😢", scream: "😱", coffee: "☕",
  newspaper: "📰", truck: "🚚", bricks: "🧱", boom: "💥", hand: "✋", robot_face: "🤖", bust_in_silhouette: "👤", busts_in_silhouette: "👥", speech_balloon: "💬", broken_heart: "💔", zap: "⚡",
  triangular_ruler: "📐", mantelpiece_clock: "🕰️", raising_hand: "🙋", zzz: "💤", ballot_box_with_ballot: "🗳️", bread: "🍞", money_with_wings: "💸", grey_question: "❔",
};

// emoji returns the character of a short name, or "" when there is none here.
export const emoji = (name) => named[name] || "";

// names are the short names there are.
export const names = () => Object.keys(named);

// quick are the reactions offered on a message.
export const quick = ["+1", "eyes", "tada", "white_check_mark", "pushpin"];

// drawn are those the page draws itself (symbols of emoji.svg in page.html), since not every machine has a font for them.
const drawn = {
  white_check_mark: "ok", heavy_check_mark: "ok", ballot_box_with_check: "ok", x: "no", no_entry_sign: "stop", no_entry: "stop", octagonal_sign: "stop",
  hourglass: "wait", hourglass_flowing_sand: "wait", warning: "warn", rotating_light: "siren", lock: "lock", unlock: "unlock", key: "key",
  snowflake: "snow", sunny: "sun", rewind: "back", hammer: "hammer", writing_hand: "pen",
  red_circle: "red", large_green_circle: "green", large_blue_circle: "blue", large_yellow_circle: "yellow", large_orange_circle: "orange",
  white_circle: "white", black_circle: "black", rocket: "rocket", tada: "tada", "+1": "up", thumbsup: "up", "-1": "down", thumbsdown: "down", triangular_ruler: "ruler", mantelpiece_clock: "clock", alarm_clock: "alarm", double_vertical_bar: "pause", arrow_forward: "play",
  black_right_pointing_double_triangle_with_vertical_bar: "skip", wastebasket: "bin", eyes: "eyes", heart: "heart",
  newspaper: "news", truck: "truck", bricks: "bricks", boom: "boom", hand: "hand", raising_hand: "hand", zzz: "alarm", ballot_box_with_ballot: "clipboard", fire: "fire", clipboard: "clipboard", no_bell: "quiet",
  coffee: "coffee", pray: "pray", bell: "bell", pager: "pager", calendar: "calendar", spiral_calendar_pad: "calendar", leftwards_arrow_with_hook: "undo", repeat: "again", arrows_counterclockwise: "again", information_source: "info", question: "ask", grey_question: "unsure",
  bread: "bread", money_with_wings: "money", speech_balloon: "speech", chart_with_upwards_trend: "chart", memo: "memo",
};

const byCharacter = new Map(Object.keys(drawn).filter((name) => named[name]).map((name) => [named[name], name]));

// emojiAt tells which drawn emoji stands at i of a text as a character, and where it ends.
export function emojiAt(text, i) {
  for (const n of [3, 2, 1]) {
    const name = byCharacter.get(text.slice(i, i + n)) || byCharacter.get(text.slice(i, i + n) + "\ufe0f");
    if (name) return { name, end: i + n };
  }
  return null;
}

// emojiNode shows an emoji; null when there is none of that name here.
export function emojiNode(name) {
  if (!named[name]) return null;
  const props = { class: "emoji", title: ":" + name + ":", role: "img", "aria-label": name.replaceAll("_", " ") };
  if (!drawn[name]) return h("span", props, named[name]);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#e-" + drawn[name]);
  svg.append(use);
  return h("span", props, svg);
}
