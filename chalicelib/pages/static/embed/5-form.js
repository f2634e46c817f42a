// One form that is looked after.
const attend = (element, language) => {
  const words = form.languages[language].words;
  const kept = `inlet.${form.name}`;
  let proving = form.proof, asked = "1", asking = null, proof = null, busy = false, attempt = 0, timer = 0;

  const say = (text) => {
    let status = element.querySelector(".inlet-status");
    if (!status) {
      status = made("p", "inlet-status");
      status.setAttribute("role", "status");
      element.append(status);
    }
    status.textContent = text || "";
  };
  const buttons = () => element.querySelectorAll("button:not([type=button]), input[type=submit]");
  const hold = (held) => {
    busy = held;
    for (const button of buttons()) {
      if (held) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  };

  // Token, challenge and signed visits in one request, when somebody begins.
  const prepare = () => {
    asking = asking || (async () => {
      const answer = await fetch(`${base}/token?visits=${encodeURIComponent(JSON.stringify(visits))}`);
      return answer.ok ? answer.json() : {};
    })().catch(() => {
      asking = null;
      return {};
    });
    if (proving && !proof) proof = asking.then((told) => (told.challenge && crypto.subtle ? solved(told.challenge) : null));
    return asking;
  };
  const proven = async () => {
    const found = await proof;
    if (found && found.expires > Date.now() + 5000) return found.text;
    asking = proof = null;
    await prepare();
    return ((await proof) || {}).text || "";
  };

  const controlOf = (name) => {
    const found = element.elements.namedItem(name);
    return found instanceof RadioNodeList ? found[0] : found;
  };
  const placeOf = (control) => control.closest("fieldset.inlet-field") || control;
  const cleared = () => {
    for (const old of element.querySelectorAll(".inlet-error, .inlet-summary")) old.remove();
    for (const old of element.querySelectorAll("[aria-invalid]")) {
      old.removeAttribute("aria-invalid");
      const described = (old.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.endsWith("-error"));
      if (described.length) old.setAttribute("aria-describedby", described.join(" "));
      else old.removeAttribute("aria-describedby");
    }
  };
  const marked = (control, problem) => {
    const place = placeOf(control);
    place.id = place.id || `${form.name}-${problem.field}`;
    const error = made("p", "inlet-error", problem.message);
    error.id = `${place.id}-error`;
    if (problem.suggestion) {
      asked = control.value; // and not again
      const take = made("button", "inlet-take", words.take.replace("{suggestion}", problem.suggestion));
      take.type = "button"; // else it would be what the Enter key presses
      take.addEventListener("click", () => {
        control.value = problem.suggestion;
        element.requestSubmit();
      });
      error.append(" ", take);
    }
    place.setAttribute("aria-invalid", "true");
    place.setAttribute("aria-describedby", `${place.getAttribute("aria-describedby") || ""} ${error.id}`.trim());
    if (place.matches("fieldset")) place.append(error);
    else (place.closest("label") || place).after(error);
    return place;
  };
  const refused = (detail, problems) => {
    const summary = made("div", "inlet-summary");
    summary.setAttribute("role", "alert");
    summary.append(made("p", "", detail));
    const list = made("ul", "");
    let first = null;
    const order = [...element.elements];
    const rank = (problem) => order.indexOf(controlOf(problem.field)) >>> 0;
    for (const problem of [...problems].sort((one, other) => rank(one) - rank(other))) {
      const control = controlOf(problem.field);
      const line = made("li", "");
      if (control && control.type !== "hidden") {
        const place = marked(control, problem);
        first = first || control;
        const link = made("a", "", problem.message);
        link.href = `#${place.id}`;
        line.append(link);
      } else line.textContent = problem.message;
      list.append(line);
    }
    if (problems.length) summary.append(list);
    element.prepend(summary);
    say("");
    if (first) first.focus();
    else summary.scrollIntoView({ block: "nearest" });
  };

  // A file goes to the bucket; the post carries its token. The same file is not sent twice.
  const tokens = new Map();
  const uploaded = async (field, file) => {
    if (tokens.has(file)) return tokens.get(file);
    say(words.uploading);
    const asked = { field, filename: file.name, type: file.type, size: file.size };
    const headers = { Accept: "application/json", "Accept-Language": language };
    const answer = await fetch(`${base}/uploads`, { method: "POST", headers, body: JSON.stringify(asked) });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw told;
    const body = new FormData();
    for (const [name, value] of Object.entries(told.fields)) body.append(name, value);
    body.append("file", file);
    if (!(await fetch(told.url, { method: "POST", body })).ok) throw {};
    tokens.set(file, told.upload);
    return told.upload;
  };
  const content = async (submitter) => {
    const fields = [];
    for (const [name, value] of new FormData(element)) {
      if (typeof value === "string") fields.push([name, value]);
      else if (value.name) fields.push([name, await uploaded(name, value)]);
    }
    if (submitter && submitter.name) fields.push([submitter.name, submitter.value]);
    return fields;
  };
  // The same content again has the same key, however often and wherever it is sent from.
  const keyed = (fields) => {
    const told = JSON.stringify(fields.filter(([name]) => name[0] !== "_" && name !== form.answer && name !== "altcha"));
    const before = read("sessionStorage", kept);
    const id = before && before.mark === mark(told) ? before.id : unique();
    return { id, mark: mark(told), fields };
  };
  const filled = async (post) => {
    const fields = post.fields.filter(([name]) => !["_id", "_ask", "altcha"].includes(name));
    const told = await prepare();
    const add = (name, value) => value && !fields.some((pair) => pair[0] === name) && fields.push([name, value]);
    add("_id", post.id);
    add("_ask", asked);
    add("_language", language);
    add("_token", told.token);
    add("_attribution", told.attribution);
    add("_page", location.href.slice(0, 2000));
    add("_referrer", document.referrer.slice(0, 2000));
    if (!proving && form.handle && !fields.some((pair) => pair[0] === form.answer && pair[1])) proving = await gone();
    if (proving) {
      say(words.checking);
      add("altcha", await proven());
    }
    if (form.executes) add(form.answer, await executed());
    return new URLSearchParams(fields);
  };

  const done = (post, answer) => {
    write("sessionStorage", kept, { id: post.id, mark: post.mark });
    const sent = new CustomEvent("inlet:sent", { bubbles: true, cancelable: true, detail: answer });
    const next = option("thanks") || element.dataset.thanks;
    if (!element.dispatchEvent(sent)) return say("");
    if (next) return location.assign(next);
    const thanks = made("p", "inlet-thanks", answer.message);
    thanks.setAttribute("role", "status");
    thanks.tabIndex = -1;
    thanks.lang = language;
    thanks.dir = form.languages[language].dir;
    element.replaceWith(thanks);
    thanks.focus();
  };
  // No answer, or one that says later: kept, and sent again under the same key.
  const wait = (post, seconds) => {
    write("sessionStorage", kept, post);
    say(words.waiting);
    const pause = Math.max(seconds, Math.min(60, 2 ** attempt++));
    timer = setTimeout(() => send(post), pause * 1000);
  };
  const send = async (post, again) => {
    clearTimeout(timer);
    if (busy) return;
    hold(true);
    try {
      await deliver(post, again);
    } finally {
      hold(false);
    }
  };
  const deliver = async (post, again) => {
    write("sessionStorage", kept, post);
    const body = await filled(post);
    say(words.sending);
    let answer, told;
    try {
      answer = await fetch(base, { method: "POST", headers: { Accept: "application/json" }, body });
      told = await answer.json().catch(() => ({}));
    } catch {
      return wait(post, 0);
    }
    if (answer.ok) return done(post, told);
    if (told.code === "captcha_unavailable" && !proving) {
      proving = true; // the form may take a proof of work instead
      return deliver(post, true);
    }
    if (answer.status === 429 || answer.status >= 500) return wait(post, +answer.headers.get("Retry-After") || 5);
    const problems = told.errors || [];
    const robot = problems.some((problem) => problem.code.startsWith("captcha_"));
    if (robot && proving && !again) {
      asking = proof = null;
      return deliver(post, true);
    }
    if (robot && service().reset && !form.executes) service().reset();
    write("sessionStorage", kept, { id: post.id, mark: post.mark });
    cleared();
    refused(told.detail || told.title || words.failed, problems);
    element.dispatchEvent(new CustomEvent("inlet:refused", { bubbles: true, detail: told }));
  };

  const begin = async (submitter) => {
    hold(true);
    let post;
    try {
      post = keyed(await content(submitter));
    } catch (told) {
      // Files are not kept over a lost connection: pressing again sends what is left.
      refused(told.detail || told.title || words.failed, told.errors || []);
    }
    hold(false);
    if (post) send(post);
  };

  element.noValidate = true;
  element.addEventListener("focusin", prepare, { once: true });
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    attempt = 0;
    cleared();
    begin(event.submitter);
  });
  const resume = () => {
    const post = read("sessionStorage", kept);
    if (post && post.fields) send(post);
  };
  window.addEventListener("online", resume);
  window.addEventListener("pageshow", (event) => event.persisted && hold(false));
  resume();
  if (form.early) prepare();
};
