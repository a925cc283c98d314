/* Keeps a contact sheet alive, and lets people decide on it. Each part of that has a file. */
import { addEditButtons } from "/studio/edit_buttons.js";
import * as live from "/studio/live.js";
import { addButtons } from "/studio/sheet_decisions.js";
import { addWhy, renewWhy } from "/studio/why.js";

const enliven = () => {
  addWhy();
  addButtons();
  addEditButtons();
};

live.start();
if (location.pathname === "/inbox") import("/studio/inbox.js").then(({ start }) => start());
else enliven();
if (location.pathname.startsWith("/build/characters/")) import("/studio/training.js").then(({ start }) => start());
document.addEventListener("calotype:renewed", () => { enliven(); renewWhy(); });
