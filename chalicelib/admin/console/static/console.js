// What every page does with JavaScript, and well enough without.
"use strict";
{
  // By the reader's own country where they read in its language: a day is not written alike in both.
  const spoken = document.documentElement.lang;
  const language = navigator.languages.find((each) => each.split("-")[0] === spoken) ?? spoken;
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  // A date is the same one everywhere; only a moment falls on a day by the zone.
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  // Times in the reader's own zone; the exact one stays to be read.
  const read = () => {
    for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      time.title = time.dateTime;
      time.textContent = ("day" in time.dataset ? (time.dateTime.length > 10 ? day : date) : whole).format(moment);
    }
  };
  read();
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
  // Work under way: its figures come anew until it is at rest, and a reader is told then. What takes
  // long is asked for less and less often: each look is a read and stands in the access log.
  let wait = 1000;
  const again = async () => {
    if (!document.querySelector("[data-live]")) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-follow]");
      if (!answer.ok || !fresh) return location.reload();
      // A list stays where a form below it may be half filled in.
      const done = !page.querySelector("[data-live]");
      if (done && fresh.dataset.follow !== "list") return location.replace(location.pathname);
      document.querySelector("[data-follow]").replaceWith(fresh);
      read();
    } catch { /* the next try may find the way */ }
    wait = Math.min(wait * 1.25, 10000);
    setTimeout(again, wait);
  };
  if (document.querySelector("[data-live]")) setTimeout(again, wait);
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
