// The review queue by keyboard; every page works without it.
"use strict";

(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const form = document.querySelector("form[data-decide]");
  const keys = document.getElementById("keys");
  let at = -1;

  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => keys.showModal());
  }

  // A reason used before is put in with one click or its number.
  const chips = [...document.querySelectorAll("[data-reason]")];
  const fill = (chip) => {
    const field = chip.closest("form").querySelector("input[name=reason]");
    field.value = chip.dataset.reason;
    field.focus();
  };
  for (const chip of chips) chip.addEventListener("click", () => fill(chip));

  const choose = (radio) => {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    const own = radio.closest(".act").querySelector(".act-input input, .act-input select, .act-input textarea");
    const field = own && radio.value !== "defer" ? own : radio.form.querySelector("input[name=reason]");
    field.focus();
    if (field.select) field.select();
  };

  const move = (step) => {
    if (!rows.length) return;
    at = Math.min(Math.max(at + step, 0), rows.length - 1);
    const link = rows[at].querySelector("a");
    link.focus();
    rows[at].scrollIntoView({ block: "nearest" });
  };

  const follow = (rel) => {
    const link = document.querySelector(`a[rel=${rel}]`);
    if (link) link.click(); else move(rel === "next" ? 1 : -1);
  };

  // The whole cause: of the row that is chosen, or of the finding that is shown.
  const whole = () => {
    const link = document.querySelector("a[data-whole]");
    const chosen = rows[at]?.dataset.cause;
    if (link) link.click(); else if (chosen) window.location.assign(chosen);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (keys && keys.open) return;
    const radio = form && form.querySelector(`input[data-key="${CSS.escape(event.key)}"]`);
    if (radio) choose(radio);
    else if (event.key === "j") rows.length ? move(1) : follow("next");
    else if (event.key === "k") rows.length ? move(-1) : follow("prev");
    else if (event.key === "b") whole();
    else if (event.key === "u") document.getElementById("undo-last")?.requestSubmit();
    else if (event.key === "?" && keys) keys.showModal();
    else if (/^[1-9]$/.test(event.key) && chips[event.key - 1]) fill(chips[event.key - 1]);
    else if (event.key === "Enter" && form && form.querySelector("input[name=action]:checked") && event.target.matches("input[type=radio]")) form.requestSubmit();
    else return;
    event.preventDefault();
  });
})();
