/* The page of a character with a training set: its anchors, its variations and the set, each on a tab, and handing the
   set out. */
import { Refused, read, write } from "/studio/api.js";
import { askReason, decide } from "/studio/decide.js";
import { make, toast, toolsOf } from "/studio/dom.js";
import { onState } from "/studio/live.js";

const TABS = [["anchors", "Anchors"], ["variations", "Variations"], ["training", "Training"]];
const TIPS = {
  "Anchors": ["Proportions agree from picture to picture", "Lines and grid are clean", "The outfit is right: shorts, shoes", "Poses are neutral and clear"],
  "The set": ["Poses and views are many", "No picture has an obvious defect", "The anchors are in it", "20 to 30 pictures in all"],
};

const page = document.getElementById("Page");
const character = decodeURIComponent(location.pathname.split("/").pop().replace(/\.html$/, ""));
const bar = make("div", { className: "tabs", role: "tablist", "aria-label": "Phases", "data-studio": "" });
const panel = make("section", { className: "training-panel", role: "tabpanel", "aria-label": "Training set", "data-studio": "" });

const select = (name) => {
  page.dataset.studioTab = name;
  for (const tab of bar.children) {
    const mine = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", mine);
    tab.tabIndex = mine ? 0 : -1;
  }
  panel.hidden = name !== "training";
  if (name === "training") show();
};

const moveTo = (event) => {
  const tabs = [...bar.children], by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length];
  select(next.dataset.tab);
  next.focus();
};

/* Marks of the checklist are this person's, and stay in this browser. */
const tip = (words) => {
  const key = `calotype-tip ${character} ${words}`;
  const box = make("input", { type: "checkbox", checked: localStorage.getItem(key) === "1" });
  box.addEventListener("change", () => localStorage.setItem(key, box.checked ? "1" : "0"));
  return make("li", {}, make("label", {}, box, " ", words));
};

const meter = (set) => {
  const count = set.members.length, full = Math.max(set.maximum, count, 1);
  const percent = (number) => `${(100 * number / full).toFixed(2)}%`;
  const fill = make("span", { className: "fill" }), least = make("span", { className: "least" });
  fill.style.setProperty("width", percent(count));
  least.style.setProperty("left", percent(set.minimum));
  return make("div", { className: "coverage" },
    make("p", {}, make("b", {}, `${count} of ${set.minimum} to ${set.maximum} images`), ` · trigger word `, make("code", {}, set.trigger_word)),
    make("div", { className: count >= set.minimum ? "bar enough" : "bar", role: "img", "aria-label": `${count} images; ${set.minimum} at least, ${set.maximum} at most` }, fill, least),
    ...(set.lacking ? [make("p", { className: "reason awaiting" }, `Not usable yet: ${set.lacking}`)] : []));
};

const short = (target) => target.split("/").slice(2).join("/");

const picture = (member) => {
  const source = [...page.querySelectorAll("figure[data-target]")].find((each) => each.dataset.target === member.target)?.querySelector("img");
  const image = make("img", { src: source ? source.src : `/${member.path}`, alt: source?.alt || short(member.target), loading: "lazy" });
  return make("li", {}, image, make("b", {}, short(member.target)), make("small", {}, member.by === "human" ? "included" : member.why || member.by));
};

/* The zip itself, and the folder beside it: where it lies on the disk is no help on a phone. */
const archive = (path) => {
  if (!path?.endsWith(".zip")) return [];
  const name = path.split("/").pop(), folder = path.slice(0, -name.length);
  return [make("p", { className: "row" }, make("a", { className: "button main", href: `/${path.split("/").map(encodeURIComponent).join("/")}`, download: name }, `Download ${name}`)),
    make("p", { className: "tally" }, "It holds the pictures with their captions, and the settings for the trainers that are named in its README; the same lies unpacked in ",
      make("code", {}, folder), ".")];
};

const exportSet = async (button, told) => {
  button.disabled = true;
  told.replaceChildren("Building and writing …");
  try {
    const done = await write("/api/exports", { character });
    const head = { exported: `Written: ${done.path}`, up_to_date: `Up to date: ${done.path}`, awaiting: "A person is awaited; nothing was written" }[done.status] || `It ${done.status}`;
    told.replaceChildren(make("p", {}, make("b", {}, head)), ...archive(done.path),
      make("ul", {}, ...done.summary.map((line) => make("li", {}, line.replace(/^- /, "")))),
      ...done.diagnostics.map((each) => make("p", { className: "reason" }, each.message)));
  } catch (refusal) {
    told.replaceChildren();
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer", { bad: true });
  } finally { button.disabled = false; }
};

const button = make("button", { type: "button", className: "main" }, "Export Training Set");
const told = make("div", { className: "exported", role: "status" });
button.addEventListener("click", () => exportSet(button, told));

/* What is told of the set is put in place of what was; what a person reads, marks or clicks on beside it stays where it is. */
const set = { coverage: make("div", {}), lists: make("div", {}) };
const checklist = make("div", { className: "checklist" }, ...Object.entries(TIPS).map(([title, tips]) => make("div", {}, make("h2", {}, title), make("ul", { className: "tips" }, ...tips.map(tip)))));
panel.append(set.coverage, make("p", { className: "row" }, button), told, checklist, set.lists);

const show = async () => {
  let now;
  try { now = await read(`/api/training-set?character=${encodeURIComponent(character)}`); } catch (refusal) { toast(refusal.message, { bad: true }); return; }
  button.classList.toggle("main", !now.lacking);
  const left = now.left_out.filter((each) => each.state !== "free");
  set.coverage.replaceChildren(meter(now));
  set.lists.replaceChildren(make("h2", {}, "In the set"), make("ul", { className: "members" }, ...now.members.map(picture)),
    ...(left.length ? [make("h2", {}, "Left out"), make("ul", { className: "left-out" }, ...left.map((each) => make("li", {},
      make("code", {}, short(each.target)), ` ${each.state.replaceAll("-", " ")}${each.reason ? `: ${each.reason}` : ""}`)))] : []));
};

/* Under each picture of the character: into the set, or out of it. */
const addChoices = () => {
  for (const figure of page.querySelectorAll("figure[data-target]")) {
    if (figure.querySelector(".set-choice") || !figure.querySelector(":scope > a.print")) continue;
    const target = figure.dataset.target;
    const out = async () => {
      const reason = await askReason(`Leave ${short(target)} out of the set`, "Leave out");
      if (reason) await decide("exclude", target, null, reason);
    };
    toolsOf(figure).prepend(
      make("button", { type: "button", className: "set-choice", onclick: () => decide("include", target), "aria-label": `Include ${short(target)} in the set` }, "Include"),
      make("button", { type: "button", onclick: out, "aria-label": `Leave ${short(target)} out of the set` }, "Leave out"));
  }
};

export const start = () => {
  if (!page.querySelector(".tally.training")) return;
  for (const [name, words] of TABS) {
    if (name !== "training" && !document.getElementById(name)) continue;
    const tab = make("button", { type: "button", role: "tab", onclick: () => select(name), onkeydown: moveTo }, words);
    tab.dataset.tab = name;
    bar.append(tab);
  }
  page.querySelector(".head").after(bar, panel);
  select("anchors");
  addChoices();
  document.addEventListener("calotype:renewed", addChoices);
  let builds = null;
  onState((state) => {
    if (builds !== null && builds !== state.builds && !panel.hidden) show();
    builds = state.builds;
  });
};
