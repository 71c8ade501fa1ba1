// Building and refreshing elements. Text only ever becomes text nodes; nothing here parses HTML.

// h makes an element. Props: class, text, data (dataset), on (listeners), style (CSS variables); false and null are left
// out, true sets an empty attribute. Children may be nodes, strings, arrays or nothing.
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") el.className = value;
    else if (name === "text") el.textContent = value;
    else if (name === "data") Object.assign(el.dataset, value);
    else if (name === "on") for (const [type, fn] of Object.entries(value)) el.addEventListener(type, fn);
    else if (name === "style") for (const [k, v] of Object.entries(value)) el.style.setProperty(k, v);
    else if (name === "value") el.value = value;
    else el.setAttribute(name, value === true ? "" : value);
  }
  add(el, children);
  return el;
}

// add appends children, skipping what is nothing.
export function add(el, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    el.append(child);
  }
  return el;
}

// safeURL returns the address if it is one a message may link to, else "".
export function safeURL(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}

// patch makes a container show items ({key, sig, make}) in order, and keeps the element of a key whose sig is the same.
export function patch(container, items) {
  const old = new Map();
  for (const el of [...container.children]) old.set(el.dataset.key, el);
  let at = container.firstElementChild;
  for (const item of items) {
    let el = old.get(item.key);
    old.delete(item.key);
    if (!el || el.dataset.sig !== item.sig) {
      const fresh = item.make();
      fresh.dataset.key = item.key;
      fresh.dataset.sig = item.sig;
      if (el) {
        if (el === at) at = el.nextElementSibling;
        el.replaceWith(fresh);
        fresh.classList.add("changed");
      }
      el = fresh;
    }
    if (el === at) at = at.nextElementSibling;
    else container.insertBefore(el, at);
  }
  for (const el of old.values()) el.remove();
}

// icon draws one of the page's few line icons, defined in page.html.
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

// avatar draws a person as initials on their colour.
export function avatar(person, size) {
  const p = person || { name: "?", initials: "?", hue: 210 };
  const app = p.bot && p.id !== "USLACKBOT";
  return h("span", {
    class: "avatar" + (app ? " bot" : "") + (size ? " " + size : ""), style: { "--hue": p.hue }, "aria-hidden": "true",
  }, app ? icon("anchor") : p.initials);
}
