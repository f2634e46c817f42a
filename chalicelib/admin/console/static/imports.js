// Drop a file: ask for leave to upload it, send it straight to the bucket, then go to the import.
"use strict";
{
  const form = document.querySelector("#drop");
  if (form) {
    const input = form.querySelector("#f-file"), zone = form.querySelector("#zone");
    const state = form.querySelector("#state"), bar = form.querySelector("#sent");
    const chosen = form.querySelector("#chosen"), wrong = form.querySelector("#wrong");
    const button = form.querySelector("button");
    const show = () => {
      const file = input.files[0];
      chosen.hidden = !file;
      if (!file) return;
      const size = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 });
      const [count, unit] = file.size < 1e6 ? [file.size / 1e3, "kB"] : [file.size / 1e6, "MB"];
      chosen.textContent = `${file.name} · ${size.format(count)} ${unit}`;
    };
    const fail = (lines) => {
      wrong.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
      wrong.hidden = false;
      bar.hidden = true;
      state.textContent = "";
      button.disabled = false;
    };
    const upload = (told, file) => new Promise((resolve, reject) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(told.fields)) body.append(name, value);
      body.append("file", file);
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      });
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(`${request.status}`))));
      request.addEventListener("error", () => reject(new Error("network")));
      request.open("POST", told.url);
      request.send(body);
    });
    input.addEventListener("change", show);
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
    }
    for (const name of ["dragleave", "drop"]) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
    }
    zone.addEventListener("drop", (event) => {
      if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const file = input.files[0];
      if (!file || button.disabled) return;
      button.disabled = true;
      wrong.hidden = true;
      bar.hidden = false;
      bar.value = 0;
      state.textContent = form.dataset.sending.replace("{file}", file.name);
      try {
        const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
        fields.set("filename", file.name);
        const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
        const told = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : {};
        if (!answer.ok || !told.upload) return fail(told.failed ?? [form.dataset.failed]);
        await upload(told.upload, file);
        location.assign(told.at);
      } catch {
        fail([form.dataset.failed]);
      }
    });
  }
}
