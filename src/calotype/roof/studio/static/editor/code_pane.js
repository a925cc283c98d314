/* The text of a spec beside its page: checked as it is typed, saved as any editor saves it. */
import { Refused, read, write } from "/studio/api.js";
import { make, toast } from "/studio/dom.js";
import { onState } from "/studio/live.js";
import { listenToTyping, offsetOf, withLineEnds } from "/studio/editor/lines.js";
import { ask, debounced, newest, openPane, saver } from "/studio/editor/pane.js";

const QUIET = 250;
const DRAFT = "calotype-draft:";
const MARKS = { error: "●", warning: "▲", note: "○" };
let current = null;

/* A text of the page that is not saved outlives the page, in this tab. */
const draftOf = (file) => { try { return JSON.parse(sessionStorage.getItem(DRAFT + file)); } catch { return null; } };
const keepDraft = (pane) => {
  try {
    if (isUnsaved(pane)) sessionStorage.setItem(DRAFT + pane.file, JSON.stringify({ text: pane.area.value, sha256: pane.sha256, saved: pane.saved }));
    else sessionStorage.removeItem(DRAFT + pane.file);
  } catch { /* no room, or not allowed: it is kept in the pane alone */ }
};

const shown = (text) => text.replaceAll("\r\n", "\n");
const isUnsaved = (pane) => pane.area.value !== shown(pane.saved);

const say = (pane, words) => { if (pane.status.textContent !== words) pane.status.textContent = words; };
const tell = (pane) => say(pane, isUnsaved(pane) ? "Not saved" : "Saved");

const number = (pane) => {
  const count = pane.area.value.split("\n").length;
  if (pane.count === count) return;
  pane.count = count;
  pane.numbers.textContent = Array.from({ length: count }, (_, line) => `${line + 1}`).join("\n");
};

const goTo = (pane, { line, column }) => {
  const offset = offsetOf(pane.area.value, line, column || 1);
  pane.area.focus();
  pane.area.setSelectionRange(offset, offset);
  const height = parseFloat(getComputedStyle(pane.area).lineHeight);
  pane.area.scrollTop = Math.max((line - 1) * height - pane.area.clientHeight / 3, 0);
};

const countOf = (diagnostics) => ["error", "warning", "note"].map((severity) => {
  const count = diagnostics.filter((each) => each.severity === severity).length;
  return count ? `${count} ${severity}${count > 1 ? "s" : ""}` : "";
}).filter((words) => words).join(", ") || "No errors";

/* What was found, as marks beside the lines and as a list whose entries lead there. */
const mark = (pane, diagnostics) => {
  pane.diagnostics = diagnostics.filter((each) => each.line && (!each.file || each.file === pane.file));
  const worst = new Map();
  for (const each of pane.diagnostics) if (worst.get(each.line) !== "error") worst.set(each.line, each.severity);
  pane.marks.replaceChildren(...[...worst].map(([line, severity]) => {
    const sign = make("span", { className: severity }, MARKS[severity]);
    sign.style.setProperty("--line", line - 1);
    return sign;
  }));
  pane.summary.textContent = countOf(diagnostics);
  pane.list.replaceChildren(...diagnostics.slice(0, 50).map((each) => {
    const isHere = pane.diagnostics.includes(each);
    const place = isHere ? `${each.line}:${each.column || 1}` : [each.file, each.line, each.column].filter((part) => part).join(":");
    const words = [make("span", { className: `sign ${each.severity}` }, `${MARKS[each.severity]} ${each.severity}`), " ", make("code", {}, place), " ",
      each.message, ...(each.hint ? [make("span", { className: "hint" }, each.hint)] : [])];
    return make("li", {}, isHere ? make("button", { type: "button", onclick: () => goTo(pane, each) }, ...words) : make("p", {}, ...words));
  }));
  pane.area.setAttribute("aria-invalid", diagnostics.some((each) => each.severity === "error") ? "true" : "false");
};

const validate = async (pane, isNewest) => {
  try {
    const { diagnostics } = await write("/api/validation", { path: pane.file, text: pane.area.value });
    if (isNewest()) mark(pane, diagnostics);
  } catch (refusal) {
    if (refusal instanceof Refused && refusal.status === 422) mark(pane, refusal.diagnostics);
    else pane.summary.textContent = refusal instanceof Refused ? refusal.message : "Not checked: the server does not answer";
  }
  performance.mark("spec-checked");
};

const take = (pane, { text, sha256 }) => {
  const { selectionStart, scrollTop } = pane.area;
  Object.assign(pane, { saved: text, sha256 });
  pane.area.value = shown(text);
  pane.area.setSelectionRange(selectionStart, selectionStart);
  pane.area.scrollTop = scrollTop;
  changed(pane);
};

const changed = (pane) => {
  number(pane);
  keepDraft(pane);
  tell(pane);
  pane.check();
};

/* Writes what is typed; tells whether it is saved. */
const put = async (pane) => {
  const typed = pane.area.value, text = withLineEnds(typed, pane.saved);
  say(pane, "Saving");
  try {
    const { sha256 } = await write("/api/spec", { path: pane.file, text, sha256: pane.sha256 }, "PUT");
    Object.assign(pane, { saved: text, sha256 });
    pane.conflict.replaceChildren();
    return true;
  } catch (refusal) {
    if (refusal.status === 409) await showConflict(pane);
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was saved", { bad: true });
    return false;
  } finally {
    keepDraft(pane);
    tell(pane);
  }
};

/* The file is another one by now: both texts, and a choice. Nothing is lost by either. */
const showConflict = async (pane) => {
  let now;
  try { now = await read(`/api/spec?path=${encodeURIComponent(pane.file)}`); } catch (refusal) {
    if (refusal.status !== 404) return;
    now = { text: "", sha256: "" };
  }
  const theirs = make("textarea", { readOnly: true, value: shown(now.text), rows: 12, wrap: "off", spellcheck: false, "aria-label": "What is there now" });
  const done = () => { pane.conflict.replaceChildren(); pane.area.focus(); };
  pane.conflict.replaceChildren(make("h3", { tabIndex: -1 }, now.sha256 ? "The file was changed meanwhile" : "The file was removed meanwhile"),
    make("p", {}, "Your text is above, as you left it. What is there now:"), theirs,
    make("p", { className: "row" },
      make("button", { type: "button", onclick: () => { pane.sha256 = now.sha256; pane.saved = now.text || pane.saved; done(); pane.save(); } }, "Save mine over it"),
      make("button", { type: "button", onclick: async () => {
        if (!await ask("Take what is there, and lose your text?", "Take what is there", "Keep mine")) return;
        take(pane, now);
        done();
      } }, "Take what is there")));
  pane.conflict.querySelector("h3").focus();
};

/* What another editor saved comes into a pane in which nothing was typed; in any other it is told of. */
const follow = async (pane) => {
  let now;
  try { now = await read(`/api/spec?path=${encodeURIComponent(pane.file)}`); } catch { return; }
  if (pane !== current || pane.saving() || now.sha256 === pane.sha256) return;
  if (isUnsaved(pane)) say(pane, "Not saved; the file was changed meanwhile");
  else take(pane, now);
};

const actOn = (pane) => (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    pane.save();
  } else if (event.key === "F8" && pane.diagnostics.length) {
    event.preventDefault();
    const line = pane.area.value.slice(0, pane.area.selectionStart).split("\n").length;
    goTo(pane, pane.diagnostics.find((each) => each.line > line) || pane.diagnostics[0]);
  }
};

const fill = (pane, body) => {
  pane.numbers = make("pre", { className: "numbers" });
  pane.marks = make("div", { className: "marks" });
  const gutter = make("div", { className: "gutter", "aria-hidden": "true" }, pane.numbers, pane.marks);
  const code = make("div", { className: "code" }, gutter, pane.area);
  const help = make("p", { className: "tally", id: "PaneHelp" }, "Ctrl+S saves · Tab indents; Esc, then Tab, leaves the text, Esc twice closes · F8 goes to the next error");
  body.append(code, make("div", { className: "found" }, pane.summary, pane.list), pane.conflict, help);
  pane.area.addEventListener("scroll", () => gutter.style.setProperty("--scrolled", `${-pane.area.scrollTop}px`));
  pane.area.addEventListener("input", () => changed(pane));
  listenToTyping(pane.area);
};

/* Opens the pane of `file`. */
export const openSpec = async (file) => {
  let spec;
  try { spec = await read(`/api/spec?path=${encodeURIComponent(file)}`); } catch (refusal) {
    toast(refusal.message, { bad: true });
    return;
  }
  const pane = { file, sha256: spec.sha256, saved: spec.text, diagnostics: [], count: 0 };
  const { save, running } = saver(() => put(pane));
  Object.assign(pane, { save, saving: running });
  pane.area = make("textarea", { value: shown(spec.text), wrap: "off", spellcheck: false, autocapitalize: "off", autocomplete: "off",
    "aria-label": `Text of ${file}`, "aria-describedby": "PaneFound PaneHelp" });
  pane.summary = make("p", { className: "summary", id: "PaneFound", role: "status" }, "");
  pane.list = make("ul", {});
  pane.conflict = make("div", { className: "conflict" });
  pane.status = make("span", { className: "tally state", role: "status" });
  const saving = make("button", { type: "button", className: "main", onclick: save }, "Save");
  const opened = await openPane(file, "code-pane", {
    isUnsaved: () => current === pane && isUnsaved(pane), saving: running, buttons: [pane.status, saving], closed: () => sessionStorage.removeItem(DRAFT + file), file, keys: actOn(pane) });
  if (!opened) return;
  current = pane;
  const check = newest((_, isNewest) => validate(pane, isNewest));
  pane.check = debounced(() => check(null), QUIET);
  fill(pane, opened.body);
  const draft = draftOf(file);
  if (draft && draft.text !== pane.area.value) {
    Object.assign(pane, { sha256: draft.sha256, saved: draft.saved });
    pane.area.value = draft.text;
    toast("Here is what you typed before, and did not save");
  }
  number(pane);
  tell(pane);
  check(null);
  pane.area.setSelectionRange(0, 0);
  pane.area.focus();
};

let builds = null;
onState((state) => {
  if (builds !== null && builds !== state.builds && current?.area.isConnected) follow(current);
  builds = state.builds;
});
