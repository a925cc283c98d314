/* Keeps a contact sheet alive, and lets people decide on it. Each part of that has a file. */
import { addEditButtons } from "/studio/edit_buttons.js";
import * as live from "/studio/live.js";
import { addButtons } from "/studio/sheet_decisions.js";

live.start();
addButtons();
addEditButtons();
document.addEventListener("calotype:renewed", addButtons);
document.addEventListener("calotype:renewed", addEditButtons);
if (location.pathname === "/inbox") import("/studio/inbox.js").then(({ start }) => start());
