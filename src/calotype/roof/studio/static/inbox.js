/* The inbox: everything that waits for a person, one after the other, decided with a key. The figures are those of the
   contact sheets. */
import { read } from "/studio/api.js";
import { askReason, decide, undo } from "/studio/decide.js";
import { isTyping, make, toast } from "/studio/dom.js";
import { onState } from "/studio/live.js";
import { showKeys } from "/studio/keys.js";

const stage = document.getElementById("Stage");
const sheets = new Map();   // address of a spec's page -> a promise of its document
let queue = [], at = 0, chosen = 0, shown = null, source = "", current = null, isUnread = false;

/* The figure of a target, as its page on the contact sheets has it now; null where there is none. */
const figureOf = async ({ target, page }) => {
  const address = page.split("#")[0];
  if (!sheets.has(address)) {
    const reading = fetch(address, { cache: "no-cache" }).then(async (answer) => {
      const sheet = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      for (const image of sheet.querySelectorAll("img, a[href]")) {
        const name = image.localName === "a" ? "href" : "src", link = image.getAttribute(name);
        if (link && !link.startsWith("#")) image.setAttribute(name, new URL(link, new URL(address, location.href)).href);
      }
      return sheet;
    });
    sheets.set(address, reading);
    reading.catch(() => sheets.delete(address)); // the server was away: asked for again
  }
  const sheet = await sheets.get(address);
  const figure = [...sheet.querySelectorAll("figure[data-target]")].find((each) => each.dataset.target === target);
  return figure ? { figure, title: sheet.querySelector("h1")?.textContent || target, address: page } : null;
};

/* What comes next is read, and its pictures decoded, while a person looks at this. */
const prefetch = () => {
  for (const item of queue.slice(at + 1, at + 4)) {
    figureOf(item).then((known) => {
      for (const image of known?.figure.querySelectorAll(".candidates img") || []) {
        const ahead = new Image();
        ahead.src = image.src;
        ahead.decode?.().catch(() => {});
      }
    }).catch(() => {});
  }
};

const candidates = () => [...stage.querySelectorAll("li[data-pixels]")];

const choose = (index) => {
  const items = candidates();
  if (items.length === 0) return;
  chosen = (index + items.length) % items.length;
  for (const [place, item] of items.entries()) {
    item.classList.toggle("chosen", place === chosen);
    item.setAttribute("aria-current", place === chosen ? "true" : "false");
  }
  items[chosen].scrollIntoView({ block: "nearest" });
};

const show = async () => {
  const item = queue[at];
  const framed = item && item.target === shown ? candidates()[chosen]?.dataset.pixels : undefined;
  if (item?.target !== shown) current = null; // what is shown anew stays in front meanwhile, and its keys with it
  if (!item) {
    shown = null;
    stage.replaceChildren(make("div", { className: "inbox-empty" }, make("h1", { tabIndex: -1 }, "Nothing waits for you"),
      make("p", { className: "tally" }, "What needs a decision comes here by itself.")));
    return;
  }
  let known;
  try { known = await figureOf(item); } catch { known = undefined; }
  if (item !== queue[at]) return;
  isUnread = known === undefined;
  shown = item.target;
  source = known ? known.figure.outerHTML : "";
  if (!known) {
    current = null;
    const words = known === undefined ? "The server does not answer; this comes by itself when it does" : `${item.target} is on no page yet`;
    stage.replaceChildren(make("p", { className: "empty" }, words));
    return;
  }
  const figure = document.importNode(known.figure, true);
  figure.classList.add("choice");
  for (const details of figure.querySelectorAll("details.candidates, details.change, details.rejections")) details.open = true;
  for (const [place, candidate] of [...figure.querySelectorAll("li[data-pixels]")].entries()) {
    candidate.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      pick(place);
    });
  }
  const head = make("div", { className: "head" },
    make("h1", {}, make("bdi", {}, known.title), " ", make("small", {}, `${at + 1} of ${queue.length}`)),
    make("p", { className: "tally" }, make("a", { href: known.address }, make("code", {}, item.target)), ` · ${item.status}`));
  stage.replaceChildren(head, figure, actions());
  current = { item, title: known.title };
  window.calotype?.slideAll();
  const top = best(), kept = candidates().findIndex((candidate) => candidate.dataset.pixels === framed);
  choose(kept < 0 ? top : kept); // shown anew, a figure keeps the candidate that a person is at
  performance.mark("inbox-shown");
  document.dispatchEvent(new CustomEvent("calotype:shown"));
  prefetch();
};

const scoreOf = (candidate) => Number(candidate.querySelector(".values .total dd")?.textContent ?? NaN);
const isOut = (candidate) => candidate.classList.contains("rejected") || candidate.classList.contains("kept-out");

/* The candidate that is framed at first: the one with the highest score of those that may stand, which says so. */
const best = () => {
  const items = candidates(), standing = items.filter((candidate) => !isOut(candidate));
  const scored = standing.filter((candidate) => !Number.isNaN(scoreOf(candidate)));
  const top = scored.toSorted((one, other) => scoreOf(other) - scoreOf(one))[0];
  if (top && scored.length > 1) top.querySelector(".result").append(" ", make("span", { className: "badge in-set" }, "highest score"));
  return Math.max(items.indexOf(top || standing[0]), 0);
};

const go = (by) => {
  if (queue.length === 0) return;
  at = (at + by + queue.length) % queue.length;
  show();
};

/* A decision is shown as done at once, and the next one comes; where it is refused, this one comes back. */
const settle = async (decision, item, pixels, label) => {
  const place = queue.indexOf(item);
  queue = queue.filter((each) => each !== item);
  at = Math.min(at, Math.max(queue.length - 1, 0));
  sheets.delete(item.page.split("#")[0]);
  show();
  if (!await decide(decision, item.target, pixels, "", label)) {
    queue.splice(place, 0, item);
    at = place;
    show();
  }
};

/* What a candidate is called when something is said of it. */
const called = (place) => `${current.title} (${current.item.target}), candidate ${place + 1}`;

const pick = (place) => {
  const candidate = candidates()[place];
  if (!candidate || !current) return;
  if (candidate.classList.contains("rejected")) { toast(`Candidate ${place + 1} is rejected; take that back first`); return; }
  settle("pick", current.item, candidate.dataset.pixels, called(place));
};

const withChosen = async (decision) => {
  const place = chosen, candidate = candidates()[place];
  if (!candidate || !current) return;
  const { item } = current, label = called(place);
  if (candidate.classList.contains("rejected")) { toast(`Candidate ${place + 1} is rejected already`); return; }
  if (decision !== "reject") {
    settle(decision, item, candidate.dataset.pixels, label);
    return;
  }
  const reason = await askReason(`Reject candidate ${place + 1} of ${item.target}`);
  if (!reason || !await decide("reject", item.target, candidate.dataset.pixels, reason, label)) return;
  sheets.delete(item.page.split("#")[0]);
  if (current?.item.target !== item.target) return; // another one is shown by now
  const rejected = candidates().findIndex((each) => each.dataset.pixels === candidate.dataset.pixels);
  candidates()[rejected]?.classList.add("rejected");
  if (rejected === chosen) choose(chosen + 1);
};

const compareChosen = async () => {
  const mine = candidates()[chosen]?.querySelector("a.print")?.href;
  const isPublished = candidates()[chosen]?.classList.contains("picked");
  const published = isPublished ? null : stage.querySelector("figure > a.print")?.href, first = candidates()[0]?.querySelector("a.print")?.href;
  const other = published || (chosen > 0 ? first : candidates()[1]?.querySelector("a.print")?.href);
  if (!mine || !other) return;
  const { compare } = await import("/studio/compare.js");
  compare([other, mine], [published ? "Published" : chosen > 0 ? "Candidate 1" : "Candidate 2", `Candidate ${chosen + 1}`]);
};

const look = () => {
  const link = candidates()[chosen]?.querySelector("a.print");
  if (link) window.calotype?.lookAt(link);
};

const include = async () => {
  const item = current?.item;
  if (item && await decide("include", item.target)) sheets.delete(item.page.split("#")[0]);
};

document.addEventListener("calotype:undone", () => { sheets.clear(); renewQueue(); });

/* The same by hand: what the keys do, for those who have none at hand. */
const actions = () => {
  const button = (words, key, does, className = "") => make("button", { type: "button", className, onclick: does }, words, " ", make("kbd", { "aria-hidden": "true" }, key));
  return make("div", { className: "row inbox-actions", role: "toolbar", "aria-label": "Decide" },
    button("Pick", "Enter", () => pick(chosen), "decides"), button("Approve", "A", () => withChosen("approve"), "decides"),
    button("Reject", "R", () => withChosen("reject"), "decides"),
    button("Look closer", "Z", look), button("Compare", "C", compareChosen), button("Undo", "U", undo), button("Previous", "↑", () => go(-1)), button("Next", "↓", () => go(1)),
    button("Keys", "?", showKeys, "for-keys"));
};

const act = (event) => {
  if ((event.repeat && !event.key.startsWith("Arrow")) || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const keys = {
    ArrowRight: () => choose(chosen + 1), ArrowLeft: () => choose(chosen - 1), ArrowDown: () => go(1), ArrowUp: () => go(-1),
    a: () => withChosen("approve"), r: () => withChosen("reject"), c: compareChosen, i: include, u: undo, z: look, "?": showKeys,
    Enter: () => candidates()[chosen]?.querySelector("a.print") && pick(chosen),
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (/^[0-9]$/.test(key)) { event.preventDefault(); pick((Number(key) + 9) % 10); return; }
  if (keys[key]) { event.preventDefault(); keys[key](); }
};

/* Whether what is shown looks otherwise on its page by now. */
const isRenewed = async () => {
  const known = queue[at] && await figureOf(queue[at]).catch(() => null);
  return Boolean(known) && known.figure.outerHTML !== source;
};

/* The newest list; what a person looks at stays in front. */
const renewQueue = async () => {
  let waiting;
  try { ({ waiting } = await read("/api/inbox")); } catch (refusal) { toast(refusal.message, { bad: true }); return; }
  const before = queue[at]?.target;
  const known = new Map(queue.map((item) => [item.target, item]));
  queue = waiting.filter((item) => item.status === "awaiting").map((item) => known.get(item.target) || item);
  const place = queue.findIndex((item) => item.target === before);
  at = place >= 0 ? place : Math.min(at, Math.max(queue.length - 1, 0));
  if ((queue[at]?.target || null) !== shown || place < 0 || isUnread || await isRenewed()) await show();
  const count = stage.querySelector(".head small");
  if (count) count.textContent = `${at + 1} of ${queue.length}`;
};

export const start = async () => {
  let builds = null;
  addEventListener("keydown", act);
  await renewQueue();
  onState((state) => {
    if (isUnread || (builds !== null && builds !== state.builds)) { sheets.clear(); renewQueue(); }
    builds = state.builds;
  });
};
