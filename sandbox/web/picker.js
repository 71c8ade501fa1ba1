// A menu with search: Slack's selects, the overflow menu, and the page's own menus.

import { h, icon } from "./dom.js";
import { float } from "./float.js";

// picker draws the closed menu. o: options or suggest (query → promise of options), chosen, multi, menu (three dots),
// onChange(el, picked).
export function picker(o) {
  let chosen = [...o.chosen];
  const el = h("button", {
    type: "button", class: o.menu ? "btn icon-only" : "select", id: o.id || false, "aria-haspopup": "listbox",
    "aria-label": o.label || false,
  });
  const label = () => {
    if (o.menu) return el.replaceChildren(icon("more"));
    const names = chosen.map((c) => c.label).join(", ");
    el.replaceChildren(h("span", { class: names ? "" : "placeholder" }, names || o.placeholder), icon("down"));
  };
  label();
  el.addEventListener("click", () => open(el, o, () => chosen, (picked) => {
    chosen = picked;
    label();
    o.onChange(el, picked);
  }));
  return el;
}

function open(anchor, o, chosen, set) {
  const searchable = o.suggest || (o.options || []).length > 7;
  const search = h("input", { type: "search", class: "menu-search", placeholder: o.suggest ? "Type to search" : "Filter", "aria-label": "Search" });
  const list = h("div", { class: "menu-list", role: "listbox" });
  const menu = h("div", { class: "menu", tabindex: "-1" }, searchable && search, list);
  const close = float(menu, anchor);
  let shown = [], at = 0, asked = 0;

  const pick = (option) => {
    if (!o.multi) {
      close();
      return set([option]);
    }
    const has = chosen().some((c) => c.value === option.value);
    set(has ? chosen().filter((c) => c.value !== option.value) : [...chosen(), option]);
    draw();
  };
  const note = (words) => list.replaceChildren(h("p", { class: "menu-note" }, words));
  const draw = () => {
    if (!shown.length) return note("Nothing found");
    let group;
    list.replaceChildren(...shown.flatMap((option, i) => {
      const on = chosen().some((c) => c.value === option.value);
      const row = h("button", {
        type: "button", class: "menu-row" + (i === at ? " at" : ""), role: "option", "aria-selected": String(on),
        data: { value: option.value }, on: { click: () => pick(option) },
      }, h("span", null, option.label, option.hint && h("small", null, option.hint)), on && icon("check"));
      const head = option.group && option.group !== group ? [h("p", { class: "menu-note" }, option.group)] : [];
      group = option.group;
      return [...head, row];
    }));
    const current = list.querySelector(".at");
    if (current) current.scrollIntoView({ block: "nearest" });
  };
  const filter = async () => {
    const query = search.value.trim();
    at = 0;
    if (!o.suggest) {
      shown = o.options.filter((x) => x.label.toLowerCase().includes(query.toLowerCase()));
      return draw();
    }
    if (query.length < o.least) return note("Type at least " + o.least + (o.least === 1 ? " letter" : " letters"));
    const mine = ++asked;
    note("Searching…");
    const found = await o.suggest(query);
    if (mine !== asked) return;
    shown = found || [];
    if (found) draw();
    else note("Shipmate did not answer in time.");
  };
  let pause;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(filter, o.suggest ? 200 : 0);
  });
  menu.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      at = Math.max(0, Math.min(shown.length - 1, at + (e.key === "ArrowDown" ? 1 : -1)));
      draw();
    } else if (e.key === "Enter" && shown[at]) pick(shown[at]);
    else return;
    e.preventDefault();
  });
  filter();
  (searchable ? search : menu).focus();
}
