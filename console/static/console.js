// Small comforts; every page works without them.
"use strict";

// A form that sends itself when a choice in it changes: <form data-submit-on-change>.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// A form is sent once: a second click must not decide twice. The server checks too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  window.setTimeout(() => { delete form.dataset.sent; }, 4000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// An open menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.me[open]")) menu.open = false;
});

// Buttons that print: <button type="button" data-print>.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// The marked cell of a wide table is brought into view.
for (const cell of document.querySelectorAll(".grid-window .marked")) {
  const frame = cell.closest(".grid-window");
  frame.scrollLeft = Math.max(0, cell.offsetLeft - frame.clientWidth / 2 + cell.offsetWidth / 2);
}
