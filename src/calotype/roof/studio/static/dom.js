/* Elements, and putting a newer page in the place of an older one. Text is only ever set as text. */

/* An element with properties (or attributes, where it has no such property) and children. */
export const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
};

/* What a page came to hold here, and no page that is built says: it stays while the page is renewed. */
const OURS = "data-studio";

const keyOf = (node) => node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.pixels || (node.getAttribute("href") || "").split("?")[0] : "";
const isOurs = (node) => node.nodeType === Node.ELEMENT_NODE && (node.hasAttribute(OURS) || node.matches(".slider > input"));
const isAlike = (old, next) => old.nodeType === next.nodeType && old.nodeName === next.nodeName && keyOf(old) === keyOf(next);

/* Makes `old` what `next` is, and leaves alone what is the same: what is open, focused or scrolled stays so. */
export const renew = (old, next) => {
  if (old.isEqualNode(next)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !KEPT.has(`${old.nodeName} ${name}`) && name !== "style" && !name.startsWith("data-studio")) old.removeAttribute(name);
  }
  for (const { name, value: built } of next.attributes) {
    const value = name === "class" && old.classList.contains("slider") && !next.classList.contains("apart") ? `${built} slider` : built; // the script of the sheets adds it
    if (old.getAttribute(name) !== value && !KEPT.has(`${old.nodeName} ${name}`)) old.setAttribute(name, value);
  }
  renewChildren(old, next);
};

/* What people open stays open, whatever the page says of it at first. Pages have no styles of their own (their policy
   forbids it): a style is where somebody put a slider. */
const KEPT = new Set(["DETAILS open"]);

const renewChildren = (old, next) => {
  let place = old.firstChild;
  const pass = () => { while (place && isOurs(place)) place = place.nextSibling; };
  for (const child of [...next.childNodes]) {
    pass();
    let alike = place;
    while (alike && (isOurs(alike) || !isAlike(alike, child))) alike = alike.nextSibling;
    if (!alike || (alike !== place && keyOf(child) === "" && child.nodeType !== Node.ELEMENT_NODE)) {
      old.insertBefore(document.importNode(child, true), place);
      continue;
    }
    if (alike === place) place = place.nextSibling;
    else old.insertBefore(alike, place);
    renew(alike, child);
  }
  while (place) {
    const after = place.nextSibling;
    if (!isOurs(place)) place.remove();
    place = after;
  }
};

/* The row of buttons below a picture: every part of Studio puts its own there. */
export const toolsOf = (figure) => {
  let row = figure.querySelector("[data-studio='tools']");
  if (!row) {
    row = make("p", { className: "row tools", "data-studio": "tools" });
    figure.querySelector("figcaption")?.append(row);
  }
  return row;
};

/* A short message at the foot of the window, told to those who listen too. `undo` is what its button does. */
let shelf = null;
export const toast = (message, { bad = false, undo = null } = {}) => {
  if (!shelf) {
    shelf = make("div", { className: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(shelf);
  }
  const note = make("p", { className: bad ? "toast bad" : "toast" }, message);
  if (undo) note.append(" ", make("button", { type: "button", onclick: () => { note.remove(); undo(); } }, "Undo"));
  for (const old of shelf.querySelectorAll(".toast:not(.bad)")) old.remove(); // the latest is what a person looks for
  shelf.append(note);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(() => note.remove(), bad ? 12000 : 6000);
};

export const isTyping = (event) => event.target instanceof HTMLInputElement ? event.target.type !== "range"
  : event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement || event.target.isContentEditable;
