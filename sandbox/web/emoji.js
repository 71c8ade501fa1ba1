// The emoji that people on this stage and Shipmate use, by short name.

const named = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", tada: "🎉", rocket: "🚀", ship: "🚢", anchor: "⚓", sailboat: "⛵",
  wave: "👋", eyes: "👀", pray: "🙏", clap: "👏", raised_hands: "🙌", muscle: "💪", point_right: "👉", point_up: "☝️", ok_hand: "👌",
  heart: "❤️", fire: "🔥", sparkles: "✨", star: "⭐", bulb: "💡", bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑",
  snowflake: "❄️", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", memo: "📝",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", no_entry: "⛔", no_entry_sign: "🚫",
  warning: "⚠️", rotating_light: "🚨", construction: "🚧", information_source: "ℹ️", question: "❓", exclamation: "❗",
  red_circle: "🔴", large_green_circle: "🟢", large_blue_circle: "🔵", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁", rewind: "⏪",
  fast_forward: "⏩", black_square_for_stop: "⏹️", octagonal_sign: "🛑", package: "📦", wrench: "🔧", hammer: "🔨", gear: "⚙️",
  bug: "🐛", mag: "🔍", link: "🔗", clipboard: "📋", chart_with_upwards_trend: "📈", bar_chart: "📊", pager: "📟", phone: "☎️",
  smile: "😄", slightly_smiling_face: "🙂", joy: "😂", sweat_smile: "😅", thinking_face: "🤔", cry: "😢", scream: "😱", coffee: "☕",
  robot_face: "🤖", bust_in_silhouette: "👤", busts_in_silhouette: "👥", speech_balloon: "💬", broken_heart: "💔", zap: "⚡",
};

// emoji returns the character of a short name, or "" when there is none here.
export const emoji = (name) => named[name] || "";

// quick are the reactions offered on a message.
export const quick = ["+1", "eyes", "tada", "white_check_mark"];
