// Things that float beside what opened them, and close when one clicks elsewhere.

// float shows el beside anchor and returns a function that closes it. Only one floats at a time.
export function float(el, anchor) {
  if (float.close) float.close();
  el.classList.add("float");
  // A modal dialog is drawn above everything else, so what floats over it has to be inside it.
  (anchor.closest("dialog") || document.body).append(el);
  place(el, anchor);
  const close = () => {
    el.remove();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", close);
    if (float.close === close) float.close = null;
  };
  const outside = (e) => { if (!el.contains(e.target) && !anchor.contains(e.target)) close(); };
  const escape = (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    close();
    anchor.focus();
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  window.addEventListener("resize", close);
  float.close = close;
  return close;
}

function place(el, anchor) {
  const a = anchor.getBoundingClientRect();
  const margin = 8;
  el.style.minWidth = Math.min(Math.max(a.width, 200), innerWidth - 2 * margin) + "px";
  const w = el.offsetWidth, hgt = el.offsetHeight;
  const below = a.bottom + 4 + hgt <= innerHeight - margin || a.top < hgt;
  el.style.left = Math.max(margin, Math.min(a.left, innerWidth - w - margin)) + "px";
  el.style.top = below ? a.bottom + 4 + "px" : "auto";
  el.style.bottom = below ? "auto" : innerHeight - a.top + 4 + "px";
}
