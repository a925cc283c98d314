/* What the keys do, in a dialog. */
import { make } from "/studio/dom.js";

const KEYS = [
  ["1 – 9, 0", "pick that candidate, 0 the tenth"], ["A", "approve the framed one: no build replaces it"], ["R", "reject the framed one, with a reason"],
  ["I", "put the published picture into the training set"], ["U", "undo the last decision"], ["← →", "frame another candidate"],
  ["C", "compare the framed one with the first, or with what is published"], ["↑ ↓", "the previous one, the next one"], ["Enter", "pick the framed one"], ["Z", "look closer"], ["?", "this list"],
];

export const showKeys = () => {
  const dialog = make("dialog", { className: "ask", "aria-label": "Keys" });
  const rows = KEYS.map(([key, words]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)));
  dialog.append(make("h2", {}, "Keys"), make("dl", { className: "key-list" }, ...rows),
    make("p", { className: "row" }, make("button", { type: "button", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
