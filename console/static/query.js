// The query page: Ctrl+Enter runs, and a running query can be cancelled. Everything works without it.
"use strict";
{
  const form = document.getElementById("query");
  const sql = document.getElementById("sql");
  const cancel = document.getElementById("cancel");
  const running = document.getElementById("running");

  sql.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=run]"));
  });
  form.addEventListener("submit", () => { cancel.hidden = false; running.hidden = false; });
  window.addEventListener("pageshow", () => { cancel.hidden = true; running.hidden = true; });
  cancel.addEventListener("click", () => {
    const fields = new URLSearchParams({ csrf: form.elements.csrf.value, key: form.elements.key.value });
    fetch("/query/cancel", { method: "POST", body: fields });
  });
}
