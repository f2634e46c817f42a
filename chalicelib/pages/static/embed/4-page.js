// Small things of the page.
const made = (name, className, text) => {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text || "";
  return element;
};
const markup = (html) => {
  const box = document.createElement("div");
  const safe = window.trustedTypes && trustedTypes.createPolicy("inlet", { createHTML: (text) => text });
  box.innerHTML = safe ? safe.createHTML(html) : html;
  return box;
};
const dress = () => {
  if (option("style") === "none") return;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(form.style);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  } catch {
    const style = made("style", "", form.style);
    style.nonce = tag.nonce;
    document.head.append(style);
  }
};
const spoken = (element) => {
  const near = element.closest("[lang]");
  const asked = element.elements && element.elements._language;
  const wishes = [asked && asked.value, option("language"), near && near.lang, ...navigator.languages, form.language];
  for (const wish of wishes) {
    const tags = Object.keys(form.languages);
    const same = (one) => (offered) => offered.toLowerCase() === one.toLowerCase();
    const found = wish && (tags.find(same(wish)) || tags.find(same(wish.split("-")[0])));
    if (found) return found;
  }
  return form.language;
};
// Not for security: it only tells whether the same content is sent again.
const mark = (text) => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 7);
const unique = () => hexed(crypto.getRandomValues(new Uint8Array(16)));
// The captcha service's own object, where the form has one and it is there.
const handle = () => form.handle.split(".").reduce((found, name) => found && found[name], window);
const service = () => handle() || {};
// Whether its script does not come, a few seconds given.
const gone = async () => {
  for (let left = 30; left && !handle(); left--) await new Promise((next) => setTimeout(next, 100));
  return !handle();
};
const executed = async () => {
  const captcha = service();
  if (!captcha.ready) return "";
  await new Promise((ready) => captcha.ready(ready));
  return captcha.execute(form.executes[0], { action: form.executes[1] });
};
