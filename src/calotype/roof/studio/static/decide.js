/* Decisions: each the same write as on the command line. */
import { Refused, write } from "/studio/api.js";
import { make, toast } from "/studio/dom.js";

const done = [];

/* One after the other: what is undone was decided before. */
let turn = Promise.resolve();
const inTurn = (act) => (...words) => {
  const mine = turn.then(() => act(...words));
  turn = mine.catch(() => {});
  return mine;
};

const DONE = { pick: "Picked", approve: "Approved", reject: "Rejected", include: "In the set", exclude: "Left out of the set" };

/* Decides; tells what was done, with a way back. Returns whether it was taken. */
export const decide = inTurn(async (decision, target, candidate = null, reason = "") => {
  try {
    const answer = await write("/api/decisions", { decision, target, candidate, reason });
    done.push({ decision, target, candidate: candidate && answer.decisions[0].pixels });
    toast(`${DONE[decision]}: ${target}`, { undo });
    return true;
  } catch (refusal) {
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was decided", { bad: true });
    return false;
  }
});

/* Takes back the latest decision of this page. Returns its target, or null. */
export const undo = inTurn(async () => {
  const last = done.pop();
  if (!last) {
    toast("Nothing was decided here yet");
    return null;
  }
  try {
    await write("/api/undo", last);
    toast(`Taken back: ${last.decision} of ${last.target}`);
    return last.target;
  } catch (refusal) {
    const isOver = refusal instanceof Refused && [404, 409, 422].includes(refusal.status); // taken back or replaced elsewhere
    if (!isOver) done.push(last);
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was taken back", { bad: true });
    return null;
  }
});

/* Takes back what was decided of a picture, here or elsewhere. */
export const takeBack = inTurn(async (decision, target, candidate) => {
  try {
    await write("/api/undo", { decision, target, candidate });
    toast(`Taken back: ${decision} of ${target}`);
  } catch (refusal) { toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was taken back", { bad: true }); }
});

/* Asks for the reason of a rejection or an exclusion; null where the person thinks better of it. */
export const askReason = (title) => new Promise((resolve) => {
  const input = make("textarea", { rows: 2, maxLength: 500, required: true, "aria-label": "Reason" });
  const dialog = make("dialog", { className: "ask", "aria-label": title });
  let reason = null;
  const form = make("form", { method: "dialog", onsubmit: (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    reason = input.value.trim();
    dialog.close();
  } }, make("h2", {}, title), make("p", { className: "tally" }, "The reason is shown beside the next candidates."), input,
  make("p", { className: "row" }, make("button", { type: "submit", className: "main" }, "Save"),
    make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });
  dialog.append(form);
  dialog.addEventListener("close", () => { dialog.remove(); resolve(reason); });
  document.body.append(dialog);
  dialog.showModal();
});
