// Which form, and where.
const load = (address) => {
  if (!address) return;
  const script = document.createElement("script");
  script.src = address;
  script.async = true;
  script.nonce = tag.nonce;
  document.head.append(script);
};
const start = () => {
  const named = option("form");
  const there = named ? document.querySelectorAll(named) : option("target") ? [] : document.querySelectorAll(`form[data-inlet=""], form[data-inlet="${form.name}"]`);
  if (!there.length && named) return; // `none`: a page without a form only keeps the visit
  dress();
  for (const element of there) attend(element, spoken(element));
  if (there.length) return;
  const target = option("target") && document.querySelector(option("target"));
  const language = spoken(target || tag);
  const box = markup(form.languages[language].html);
  if (target) target.replaceChildren(box);
  else if (document.body.contains(tag)) tag.after(box);
  else document.body.append(box);
  attend(box.querySelector("form"), language);
  load(form.script);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
