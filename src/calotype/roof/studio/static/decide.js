/* Decisions: each the same write as on the command line. */
import { Refused, write } from "/studio/api.js";
import { make, toast } from "/studio/dom.js";

/* What was decided in this tab, the latest last. */
const KEY = "calotype-decided";
const done = JSON.parse(sessionStorage.getItem(KEY) || "[]");
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(done.slice(-100)));
const remember = (entry) => { done.push(entry); keep(); };
const forget = (entry) => {
  const place = done.findIndex((each) => each.decision === entry.decision && each.target === entry.target && each.candidate === entry.candidate);
  if (place >= 0) done.splice(place, 1);
  keep();
};

/* One after the other: what is undone was decided before. */
let turn = Promise.resolve();
const inTurn = (act) => (...words) => {
  const mine = turn.then(() => act(...words));
  turn = mine.catch(() => {});
  return mine;
};

const DONE = { pick: "Picked", approve: "Approved", reject: "Rejected", include: "In the set", exclude: "Left out of the set" };

/* Decides; tells what was done, with a way back. Returns whether it was taken. */
export const decide = inTurn(async (decision, target, candidate = null, reason = "", label = "") => {
  try {
    const answer = await write("/api/decisions", { decision, target, candidate, reason });
    const entry = { decision, target, candidate: candidate && answer.decisions[0].pixels };
    remember(entry);
    toast(`${DONE[decision]}: ${label || target}`, { undo: () => undoThis(entry) });
    return true;
  } catch (refusal) {
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was decided", { bad: true });
    return false;
  }
});

/* Remembers a picture that was put in, and tells of it, with a way back. */
export const tellPutIn = (target, pixels, label) => {
  const entry = { decision: "pick", target, candidate: pixels };
  remember(entry);
  toast(label, { undo: () => undoThis(entry) });
};

const undoThis = inTurn(async (entry) => {
  try {
    await write("/api/undo", entry);
    forget(entry);
    toast(`Taken back: ${entry.decision} of ${entry.target}`);
    document.dispatchEvent(new CustomEvent("calotype:undone"));
    return entry.target;
  } catch (refusal) {
    if (refusal instanceof Refused && [404, 409, 422].includes(refusal.status)) forget(entry); // taken back or replaced elsewhere
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was taken back", { bad: true });
    return null;
  }
});

/* Takes back the latest decision of this tab. Returns its target, or null. */
export const undo = async () => {
  await turn; // what is being decided comes first
  const last = done.at(-1);
  if (last) return undoThis(last);
  toast("Nothing was decided in this tab yet");
  return null;
};

/* Takes back what was decided of a picture, here or elsewhere. */
export const takeBack = inTurn(async (decision, target, candidate) => {
  try {
    await write("/api/undo", { decision, target, candidate });
    toast(`Taken back: ${decision} of ${target}`);
  } catch (refusal) { toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was taken back", { bad: true }); }
});

/* Asks for the reason of a rejection or an exclusion; null where the person thinks better of it. */
export const askReason = (title, confirm = "Reject") => new Promise((resolve) => {
  const input = make("textarea", { rows: 2, maxLength: 500, required: true, "aria-label": "Reason" });
  const dialog = make("dialog", { className: "ask", "aria-label": title });
  let reason = null;
  const form = make("form", { method: "dialog", onsubmit: (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    reason = input.value.trim();
    dialog.close();
  } }, make("h2", {}, title), make("p", { className: "tally" }, "The reason is shown beside the next candidates."), input,
  make("p", { className: "row" }, make("button", { type: "submit", className: "main" }, confirm),
    make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });
  dialog.append(form);
  dialog.addEventListener("close", () => { dialog.remove(); resolve(reason); });
  document.body.append(dialog);
  dialog.showModal();
});
