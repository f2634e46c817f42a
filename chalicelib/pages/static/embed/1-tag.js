// A form of Inlet on any page. One tag:
//
//   <script src="https://…/forms/contact/embed.js" async></script>
//
// It renders the form where the tag stands, or into data-target="#id"; or it looks after a form that
// is there already: <form data-inlet>, or the one that data-form="#id" names.
//
// The files of this folder are served as one, in their order, as the body of a function of `form`:
// what must be known of the form. Nothing is made from text at run time, and nobody else's code is
// loaded, but a captcha's where the form has one.
const tag = document.currentScript;
const base = tag.src.replace(/\/embed\.js.*$/, "");
const option = (name) => tag.dataset[name] || "";

// What is kept in the browser; one that keeps nothing is no error.
const read = (place, key) => {
  try {
    return JSON.parse(window[place].getItem(key));
  } catch {
    return null;
  }
};
const write = (place, key, value) => {
  try {
    if (value === null) window[place].removeItem(key);
    else window[place].setItem(key, JSON.stringify(value));
  } catch {
    // switched off or full
  }
};
