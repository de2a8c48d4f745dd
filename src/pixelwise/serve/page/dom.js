/** Short words for the document. */

export const find = (selector, inside = document) => inside.querySelector(selector);
export const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

/** An element with properties and children: `make("li", {className: "chip"}, "road")`. */
export function make(kind, properties = {}, ...children) {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
}

/** A small square in a colour of red, green and blue. */
export function swatch([red, green, blue]) {
  const square = make("i", { className: "swatch" });
  square.style.background = `rgb(${red} ${green} ${blue})`;
  return square;
}

/** A share as people read it. */
export function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  if (share === 0) return "0 %";
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

let quiet = 0;

/** Say something to screen readers, where the eye sees it anyway. */
export function whisper(words) {
  const place = find("#status");
  place.textContent = words;
  place.classList.remove("fresh");
}

/** Say something to everyone; it goes away by itself. */
export function say(words) {
  whisper(words);
  const place = find("#status");
  place.classList.add("fresh");
  clearTimeout(quiet);
  quiet = setTimeout(() => place.classList.remove("fresh"), 5000);
}
