// What every page does with JavaScript, and well enough without.
"use strict";
{
  const language = document.documentElement.lang;
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  // Times in the reader's own zone; the exact one stays to be read.
  for (const time of document.querySelectorAll("time[datetime]")) {
    const read = new Date(time.dateTime);
    if (Number.isNaN(read.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = ("day" in time.dataset ? day : whole).format(read);
  }
  // What is asked before it is done: the button says what.
  document.addEventListener("submit", (event) => {
    const asks = event.submitter?.dataset.sure;
    if (asks && !window.confirm(asks)) event.preventDefault();
  });
  // Twice pressed is once sent.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  // A choice that shows at once: <select data-go> in a form of GET.
  for (const choice of document.querySelectorAll("select[data-go]")) {
    choice.addEventListener("change", () => choice.form.requestSubmit());
  }
  // One box that ticks all of its table.
  for (const all of document.querySelectorAll("input[data-all]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
    });
  }
  // Copy what stands in the element that the button names.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
    });
  }
  // A menu that was opened closes by Escape and by a click beside it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details.drop[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.querySelector(".notice.bad[tabindex]")?.focus();
}
