/* Hears what is built, and puts what changed on this page in its place. */
import { make, renew, toast } from "/studio/dom.js";
import { reopenErrors, showErrors } from "/studio/errors.js";
import { listen } from "/studio/stream.js";

const listeners = new Set();
let built = null;

/* Calls `listener` with the newest state, now and whenever it changes. */
export const onState = (listener) => {
  listeners.add(listener);
  if (state) listener(state);
};

let state = null;

const words = make("span", { role: "status" });
const chip = make("button", { className: "chip", type: "button", title: "How things stand", onclick: () => reopenErrors(state), "data-studio": "" }, words);
const inbox = () => document.querySelector("a[href='/inbox']");

const say = (told, kind) => {
  if (words.textContent !== told) words.textContent = told;
  chip.dataset.kind = kind;
};

const describe = (now) => {
  if (now.ended) say(now.ended.some((each) => each.code === "project-gone") ? "The project is gone" : "Nothing is built any more", "bad");
  else if (now.building) {
    const { done, of, target } = now.progress;
    say(`Making ${Math.min(done + 1, of)} of ${of}${target ? ` · ${target}` : ""}`, "busy");
  } else if (now.invalid) say("Errors: nothing is built", "bad");
  else if (now.failed) say(`${now.failed} failed`, "bad");
  else if (now.latest) say(now.awaiting ? `Built · ${now.awaiting} ${now.awaiting === 1 ? "waits" : "wait"} for you` : "All up to date", "good");
};

/* The page as it is now. One request at a time; what comes meanwhile asks once more. */
let asking = false, askAgain = false, tag = null;
export const refresh = async () => {
  if (document.getElementById("Stage")) return; // a page that shows what it asks for itself
  if (asking) { askAgain = true; return; }
  asking = true;
  try {
    do {
      askAgain = false;
      const response = await fetch(location.pathname, { cache: "no-cache" });
      if (response.status === 404) { showGone(true); continue; }
      if (!response.ok) continue;
      showGone(false);
      if (tag !== null && response.headers.get("etag") === tag) continue;
      tag = response.headers.get("etag");
      put(new DOMParser().parseFromString(await response.text(), "text/html"));
    } while (askAgain);
  } catch { /* the server is away: the stream of events says so, and comes back */ } finally { asking = false; }
};

/* The spec was renamed or removed: what is shown is the last that was known of it, and nothing can be decided on it. */
const lost = make("p", { className: "gone", role: "status", "data-studio": "" }, "This page is no more: its spec was renamed or removed. What stands below is the last of it. ",
  make("a", { href: "/build/index.html" }, "All pages"));
const showGone = (isGone) => {
  if (!document.querySelector("header.top")) return; // a page that says so itself
  document.body.toggleAttribute("data-gone", isGone);
  if (isGone && !lost.isConnected) document.getElementById("Page")?.before(lost);
  if (!isGone) lost.remove();
};

const put = (next) => {
  const page = document.getElementById("Page"), newer = next.getElementById("Page");
  if (!page || !newer) return;
  if (!document.querySelector("header.top") && next.querySelector("header.top")) { location.reload(); return; }
  renew(page, newer);
  window.calotype?.slideAll();
  document.title = next.title;
  document.dispatchEvent(new CustomEvent("calotype:renewed"));
};

const hear = (event) => {
  if (event.away) { say("Not connected; `calotype studio` serves this page", "bad"); return; }
  if (event.back) { if (state) { describe(state); refresh(); } return; }
  const { state: now, notes } = JSON.parse(event.data);
  state = now;
  describe(now);
  showErrors(now);
  const link = inbox();
  if (link) link.dataset.count = now.awaiting || "";
  for (const note of notes) if (note.kind === "watch") toast(note.message);
  const newest = `${now.builds} ${now.pages}`;
  if (newest !== built) {
    built = newest;
    refresh(); // at first as well: a build may have ended between the page and this
  }
  for (const listener of listeners) listener(now);
};

export const start = () => {
  const nav = document.querySelector("header.top nav");
  if (nav) nav.after(chip);
  listen(hear);
  addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
};
