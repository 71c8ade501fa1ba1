// The guide: chapters of a few things to try.

import { h, icon } from "./dom.js";
import { sig } from "./messages.js";
import { post } from "./api.js";

let chosen = ""; // the chapter that somebody looks at, if they chose one

// chapter is the one to show: the chosen one, else the first that is not done.
function chapter(steps) {
  const names = [...new Set(steps.map((x) => x.chapter))];
  const open = steps.find((x) => !x.done);
  return { names, name: names.includes(chosen) ? chosen : open ? open.chapter : names[0] };
}

// guide draws the card above the messages.
export function guide(root, s, app) {
  const now = sig([s.guide, chosen, s.bot.state, s.sockets.open > 0]);
  if (root.dataset.sig === now) return;
  root.dataset.sig = now;
  root.hidden = s.guide.hidden;
  root.classList.toggle("over", s.guide.steps.every((x) => x.done));
  if (s.guide.hidden) return root.replaceChildren();
  const { names, name } = chapter(s.guide.steps);
  const steps = s.guide.steps.filter((x) => x.chapter === name);
  const done = s.guide.steps.filter((x) => x.done).length;
  const next = steps.findIndex((x) => !x.done);
  root.replaceChildren(
    h("div", { class: "guide-head" },
      done === s.guide.steps.length ? h("strong", null, "That was the tour. The stage is yours: try the stage door.") :
        h("div", { class: "chapters" }, names.map((one) => h("button", { type: "button", "aria-pressed": String(one === name), data: { chapter: one },
          on: { click: () => { chosen = one; app.refresh(); } } }, one))),
      h("span", { class: "progress", title: "How much of the guide is done" }, done + " of " + s.guide.steps.length),
      h("button", { type: "button", class: "icon-button", title: "Put the guide away", on: { click: () => hide(app) } }, icon("x"))),
    ...waiting(s),
    h("ol", { class: "steps" }, steps.map((step, i) => h("li", { class: (step.done ? "done" : "") + (i === next ? " next" : "") },
      h("span", { class: "number" }, step.done ? icon("check") : String(i + 1)),
      h("div", null, h("b", null, step.title), h("p", null, step.why),
        h("div", { class: "buttons" }, step.actions.map((a) => action(a, step, s, app, i === next))))))));
}

// waiting explains why nothing answers yet.
function waiting(s) {
  if (s.sockets.open > 0) return [];
  const words = {
    starting: "Shipmate is starting. Its light in the side bar turns green in a moment.",
    running: "Shipmate runs and is opening its connection. Its light turns green in a moment.",
    stopped: "Shipmate is not running. Start it again here or at the stage door.",
    byhand: "This stage waits for a Shipmate you start yourself; the terminal says how.",
  };
  return [h("p", { class: "guide-wait" }, h("i", { class: "light " + (s.bot.state === "stopped" ? "bad" : "wait") }), words[s.bot.state])];
}

function action(a, step, s, app, next) {
  const off = (a.lever === "bot-kill" && s.bot.state !== "running") || (a.lever === "bot-start" && s.bot.state !== "stopped");
  if (off && s.bot.state === "byhand") return null;
  return h("button", {
    type: "button", class: "btn" + (next && !off ? " primary" : ""), disabled: off, data: { step: step.id, action: a.id },
    on: { click: () => run(a, step, app) },
  }, a.line ? h("code", null, a.line) : a.label);
}

async function run(a, step, app) {
  for (const lever of a.first || []) await post("door", { as: app.me().id, lever });
  if (a.line) {
    // The guide is written for somebody who may deploy.
    await app.go(document.body.dataset.person, a.channel);
    await app.composer.type(a.line);
  }
  if (a.lever) {
    const { error } = await post("door", { as: app.me().id, lever: a.lever });
    app.say(error || "");
    if (error) return;
  }
  await post("guide", { step: step.id, action: a.id });
  app.refresh();
}

async function hide(app) {
  await post("guide", { hidden: true });
  app.refresh();
}
