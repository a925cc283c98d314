/* Keeps a contact sheet alive, and lets people decide on it. Each part of that has a file. */
import * as live from "/studio/live.js";
import { addButtons } from "/studio/sheet_decisions.js";

live.start();
addButtons();
document.addEventListener("calotype:renewed", addButtons);
if (location.pathname === "/inbox") import("/studio/inbox.js").then(({ start }) => start());
