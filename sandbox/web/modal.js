// The form a person has open, and the home tab.

import { h, icon } from "./dom.js";
import { blocks } from "./blocks.js";
import { keyOf } from "./elements.js";
import { sig } from "./messages.js";
import { post } from "./api.js";

const filled = new Map(); // view id → values, as typed so far

// surfaceOf says what a view's blocks can do.
function surfaceOf(view, app, values) {
  const target = { as: app.me().id, view: view.id };
  return {
    names: app.names, values, errors: view.errors,
    suggest: async (e, block, query) => (await post("suggest", { ...target, action: e.action_id, query })).options,
    act: async (e, block, picked) => {
      const what = e.type === "button" ? "press" : "select";
      const answer = await post(what, { ...target, action: e.action_id, value: e.value || "", values: picked });
      app.refresh();
      return answer.error || answer.trouble || "";
    },
  };
}

// home draws the app's home tab.
export function home(view, app) {
  if (!view || !view.blocks || !view.blocks.length) {
    return h("div", { class: "empty" }, icon("anchor"), h("h3", null, "Nothing here yet"), h("p", null, "Shipmate has not published a home tab for you."));
  }
  return h("div", { class: "home blocks" }, blocks(view.blocks, surfaceOf(view, app, null)));
}

// modals keeps one dialog showing the top of a person's stack of forms.
export function modals(app) {
  const dialog = h("dialog", { class: "dialog form" });
  document.body.append(dialog);
  let shown = "", busy = false;

  const close = async (view, all) => {
    await post("close", { as: app.me().id, view: view.id, all });
    app.refresh();
  };
  const submit = async (view) => {
    if (busy) return;
    busy = true;
    dialog.classList.add("busy");
    const asked = new Set(view.blocks.filter((b) => b.type === "input").map((b) => keyOf(b.element, b)));
    const values = {};
    for (const [key, v] of filled.get(view.id) || []) {
      const kept = v.filter((x) => x !== "" && x !== undefined);
      if (kept.length && asked.has(key)) values[key] = kept; // a form that came back may ask for less
    }
    const answer = await post("submit", { as: app.me().id, view: view.id, values });
    busy = false;
    dialog.classList.remove("busy");
    const error = dialog.querySelector(".form-error");
    if (error) error.textContent = answer.error || "";
    app.refresh();
  };
  const draw = (view, depth) => {
    const focus = dialog.contains(document.activeElement) ? document.activeElement.id : "";
    if (!filled.has(view.id)) filled.set(view.id, new Map());
    const body = h("div", { class: "dialog-body blocks" }, blocks(view.blocks, surfaceOf(view, app, filled.get(view.id))));
    const inputs = (view.blocks || []).some((b) => b.type === "input");
    dialog.replaceChildren(h("form", { method: "dialog", on: { submit: (e) => { e.preventDefault(); submit(view); } } },
      h("header", null,
        depth > 1 ? h("button", { type: "button", class: "icon-button", title: "Back", on: { click: () => close(view, false) } }, icon("left")) : h("span", { class: "mark" }, icon("anchor")),
        h("h3", null, view.title || "Shipmate"),
        h("button", { type: "button", class: "icon-button", title: "Close", on: { click: () => close(view, true) } }, icon("x"))),
      body,
      h("p", { class: "form-error", role: "alert" }, view.trouble || ""),
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", class: "btn", on: { click: () => close(view, false) } }, view.close || "Cancel"),
        (view.submit || inputs) && h("button", { type: "submit", class: "btn primary solid" }, view.submit || "Submit"))));
    const again = focus && document.getElementById(focus);
    if (again) again.focus();
  };
  dialog.addEventListener("cancel", (e) => {
    e.preventDefault();
    const top = app.views().at(-1);
    if (top) close(top, false);
  });

  return {
    update(views) {
      const top = views.at(-1);
      if (!top) {
        if (dialog.open) dialog.close();
        filled.clear();
        shown = "";
        return;
      }
      const fingerprint = sig([top.id, top.hash, top.title, top.blocks, top.errors, top.trouble, views.length]);
      if (fingerprint !== shown) draw(top, views.length);
      shown = fingerprint;
      if (!dialog.open) dialog.showModal();
    },
  };
}
