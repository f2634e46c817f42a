// Where the visitor comes from: docs/attribution.md.
const TAGS = /^(utm_.*|dclid|gclid|gbraid|wbraid|msclkid|ttclid|li_fat_id|fbclid)$/;
const OLD = 90 * 86400e3;
const visited = () => {
  const here = { at: Date.now(), page: location.href.slice(0, 1500), referrer: document.referrer.slice(0, 300) };
  const known = read("localStorage", "inlet.visits") || {};
  const whole = (visit) => visit && visit.at > 0 && typeof visit.page === "string" && visit;
  let { first, last } = { first: whole(known.first), last: whole(known.last) };
  const from = here.referrer && new URL(document.referrer).host;
  const tagged = [...new URLSearchParams(location.search).keys()].some((name) => TAGS.test(name));
  if (last && first && !tagged && (!from || from === location.host)) return { first, last };
  if (!first || here.at - first.at > OLD) first = here;
  write("localStorage", "inlet.visits", { first, last: here });
  return { first, last: here };
};
const visits = visited();
