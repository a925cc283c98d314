/* A pane beside the page: one at a time, which closes with its button or Escape, and asks where something in it is not saved. */
import { make } from "/studio/dom.js";

let opened = null;

const loadLook = () => new Promise((resolve) => {
  if (document.querySelector("link[data-studio='editor']")) return resolve();
  const link = make("link", { rel: "stylesheet", href: "/studio/editor/editor.css", "data-studio": "editor" });
  link.addEventListener("load", resolve);
  link.addEventListener("error", resolve);
  document.head.append(link);
});

addEventListener("beforeunload", (event) => { if (opened?.isUnsaved()) event.preventDefault(); });

/* A key is the pane's, too, when the focus is nowhere: what had it was taken out, or cannot be pressed any more. */
addEventListener("keydown", (event) => {
  if (!opened || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.target !== document.body && !opened.element.contains(event.target)) return;
  if (event.key === "Escape") {
    event.preventDefault(); // it would close the question as well
    closePane();
  } else opened.keys(event);
});

/* Asks a question with two answers; resolves with whether the first was given. */
export const ask = (question, yes, no) => new Promise((resolve) => {
  let answer = false;
  const dialog = make("dialog", { className: "ask", "aria-label": question });
  dialog.append(make("h2", {}, question), make("p", { className: "row" },
    make("button", { type: "button", className: "main", onclick: () => { answer = true; dialog.close(); } }, yes),
    make("button", { type: "button", onclick: () => dialog.close() }, no)));
  dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
  document.body.append(dialog);
  dialog.showModal();
});

/* Saves by `perform`, which tells whether it did, once at a time: what is asked for meanwhile is saved after it. `running`
   resolves when all that was asked for is over. */
export const saver = (perform) => {
  let running = null, again = false;
  const all = async () => {
    try {
      do again = false; while (await perform() && again);
    } finally { running = null; }
  };
  const save = () => {
    again = running !== null;
    running ||= all();
    return running;
  };
  return { save, running: () => running };
};

/* Closes the pane that is open, when what is being saved is saved; returns whether there is none now. */
export const closePane = async () => {
  await opened?.saving();
  if (!opened) return true;
  if (opened.isUnsaved() && !await ask("Close without saving?", "Close without saving", "Go on editing")) return false;
  const { element, back, closed } = opened;
  opened = null;
  closed();
  element.remove();
  document.documentElement.removeAttribute("data-pane");
  document.dispatchEvent(new CustomEvent("calotype:pane"));
  back?.focus?.();
  return true;
};

/* Opens a pane called `title` of a `kind` (its class). `isUnsaved` tells whether something would be lost; `saving` gives the promise
   of a save in work, if there is one; `closed` is called when it is closed, `keys` with each key that is pressed in it; `file` is the one whose text it holds. Returns the pane and its body, or null where the one before stays. */
export const openPane = async (title, kind, { isUnsaved, saving, buttons = [], closed = () => {}, keys = () => {}, file = "" }) => {
  const back = document.activeElement;
  if (!await closePane()) return null;
  await loadLook();
  const body = make("div", { className: "pane-body" });
  const heading = make("h2", { tabIndex: -1 }, title);
  const tools = make("p", { className: "row" }, ...buttons, make("button", { type: "button", onclick: closePane }, "Close"));
  const element = make("section", { className: `pane ${kind}`, "aria-label": title, "data-studio": "pane" },
    make("header", {}, heading, tools), body);
  element.dataset.file = file;
  document.body.append(element);
  document.documentElement.dataset.pane = kind;
  document.dispatchEvent(new CustomEvent("calotype:pane"));
  opened = { element, back, isUnsaved, saving, closed, keys };
  heading.focus();
  return { element, body };
};

/* Calls `act` when nothing was asked for `quiet` milliseconds. */
export const debounced = (act, quiet) => {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(act, quiet); };
};

/* Performs the newest of what is asked for, one at a time: what came before it and has not begun is dropped. Resolves when
   nothing is left to perform. */
export const newest = (perform) => {
  let waiting = null, running = null;
  const all = async () => {
    try {
      while (waiting) {
        const { request } = waiting;
        waiting = null;
        await perform(request, () => waiting === null);
      }
    } finally { running = null; }
  };
  return (request) => {
    waiting = { request };
    running ||= all();
    return running;
  };
};
