/* The pose of an image, moved by sliders: drawn at each move by the code that draws the pictures, and written into the spec. */
import { Refused, read, write } from "/studio/api.js";
import { make, toast } from "/studio/dom.js";
import { contactRows, labelled, propRows, select } from "/studio/editor/choices.js";
import { history } from "/studio/editor/history.js";
import { jointSliders } from "/studio/editor/joint_sliders.js";
import { markFields } from "/studio/editor/marks.js";
import { debounced, newest, openPane, saver } from "/studio/editor/pane.js";
import * as model from "/studio/editor/pose_model.js";
import { strengthSection } from "/studio/editor/strengths.js";

const LONGEST = 512, QUIET = 400;
let terms = null;

const sizeOf = ([width, height]) => {
  const scale = LONGEST / Math.max(width, height);
  return [width, height].map((side) => Math.max(Math.round(side * scale / 8) * 8, 64));
};

const placeOf = (editor) => editor.image.poses[editor.place];
const isUnsaved = (editor) => editor.moved || editor.values.size > 0 || editor.keepsView;

/* Asks for the figure as it is now. */
const draw = (editor, thorough = false) => {
  const { image } = editor;
  editor.draw({
    pose: editor.pose, position: image.position, view: editor.view, side: editor.side, size: sizeOf(image.size), drawing: image.drawing,
    part: editor.part, muscles: image.muscles, joints: image.joints, implied: placeOf(editor).implied, thorough,
  });
  if (!thorough) editor.lookCloser();
};

const showFindings = (editor, diagnostics) => {
  editor.findings.replaceChildren(make("ul", {}, ...diagnostics.map((each) => make("li", { className: each.severity }, each.message, ...(each.hint ? [" ", make("span", { className: "hint" }, each.hint)] : [])))));
};

const perform = async (editor, request, isNewest) => {
  let drawn;
  try { drawn = await write("/api/pose/drawing", request); } catch (refusal) {
    if (isNewest()) {
      editor.written = null;
      showFindings(editor, refusal instanceof Refused ? refusal.diagnostics.map((each) => ({ ...each, severity: each.severity || "error" }))
        : [{ severity: "error", message: "The server does not answer" }]);
      tell(editor);
    }
    return;
  }
  editor.figure.src = drawn.picture;
  performance.mark("pose-drawn");
  if (!isNewest()) return;
  editor.written = drawn.pose;
  editor.yaml.textContent = drawn.yaml;
  showFindings(editor, drawn.diagnostics);
  editor.sliders.show(model.partOf(editor.pose, editor.part), drawn.angles, drawn.base, editor.isForced);
  editor.isForced = false;
  if (JSON.stringify(editor.touching) !== JSON.stringify(drawn.contacts)) {
    editor.touching = drawn.contacts;
    showChoices(editor);
  }
  tell(editor);
};

const tell = (editor) => {
  const words = isUnsaved(editor) ? "Not saved" : "Saved";
  if (editor.status.textContent !== words) editor.status.textContent = words;
  editor.button.disabled = !isUnsaved(editor) || (editor.moved && !editor.written);
  editor.undo.disabled = !editor.past.canUndo();
  editor.redo.disabled = !editor.past.canRedo();
};

/* The pose is another one: what shows it is made anew, but for the sliders, which follow when it is drawn. Moves of one `slider`
   that follow each other are undone together. */
const put = (editor, pose, { choices = true, slider = "" } = {}) => {
  editor.past.keep({ pose: editor.pose, part: editor.part }, slider);
  editor.pose = pose;
  editor.moved = JSON.stringify(pose) !== JSON.stringify(placeOf(editor).value);
  if (choices) showChoices(editor);
  tell(editor);
  draw(editor);
};

/* Back to the pose before the latest move, or on to the one that was taken back. */
const travel = (editor, step) => {
  const before = editor.past[step]({ pose: editor.pose, part: editor.part });
  if (!before) return;
  Object.assign(editor, before, { isForced: true, moved: JSON.stringify(before.pose) !== JSON.stringify(placeOf(editor).value) });
  showChoices(editor);
  tell(editor);
  draw(editor);
};

const putPart = (editor, value, options) => put(editor, model.withPart(editor.pose, editor.part, value), options);

const baseField = (editor) => {
  const part = model.partOf(editor.pose, editor.part);
  const chosen = part.mirror_of ? `mirror of ${part.mirror_of}` : part.base || (editor.part && editor.pose.base) || editor.image.position;
  const names = terms.bases.map((name) => [name, name.replaceAll("_", " ")]);
  const own = editor.image.shared_poses.filter((name) => name !== editor.ownPose).map((name) => [name, name.replaceAll("_", " ")]);
  const field = select("Base posture", [], chosen, (name) => putPart(editor, model.withBase(model.partOf(editor.pose, editor.part), name)));
  const options = (entries) => entries.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  field.append(make("optgroup", { label: "Base postures" }, ...options(names)));
  if (own.length) field.append(make("optgroup", { label: "Poses of the project" }, ...options(own)));
  if (part.mirror_of) field.prepend(make("option", { value: chosen, selected: true }, chosen));
  return labelled("Base posture", field);
};

const phases = (editor) => ["from", "to"].filter((key) => editor.pose[key]);

const WHEN = { "": "By the base posture", from: "Where it begins", to: "Where it ends" };

/* What touches what without a word of the part that is edited: of a whole movement, at both its ends. */
const resting = (editor) => {
  const written = new Set(model.contactsOf(model.partOf(editor.pose, editor.part)).map(([part]) => part));
  const whens = editor.part ? [editor.part] : phases(editor).length ? phases(editor) : [""];
  return whens.map((when) => [WHEN[when], Object.entries(editor.touching?.[when] || {}).filter(([part]) => !written.has(part))]);
};

/* The choices beside the sliders; whatever had the focus has it again. */
const showChoices = (editor) => {
  const places = [editor.choices, editor.besides];
  const focused = places.some((place) => place.contains(document.activeElement)) ? document.activeElement.getAttribute("aria-label") : null;
  const parts = phases(editor), part = () => model.partOf(editor.pose, editor.part);
  const fields = [baseField(editor)];
  if (parts.length) fields.unshift(labelled("Phase", select("Phase", [["", "the whole movement"], ...parts.map((key) => [key, key === "from" ? "where it begins" : "where it ends"])], editor.part,
    (name) => { editor.part = name; showChoices(editor); draw(editor); })));
  const mirror = make("button", { type: "button", "aria-pressed": String(Boolean(editor.pose.mirror)), onclick: () => put(editor, model.mirrored(editor.pose)), "aria-label": "Exchange left and right" }, "⇄ Exchange left and right");
  editor.choices.replaceChildren(make("div", { className: "fields" }, ...fields), make("p", { className: "row" }, mirror));
  editor.besides.replaceChildren(contactRows(terms, () => model.contactsOf(part()), (pairs) => putPart(editor, model.withContacts(part(), pairs)), resting(editor)),
    propRows(terms, () => model.propsOf(part()), (props, anew) => putPart(editor, model.withProps(part(), props), { choices: anew, slider: anew ? "" : "prop" })),
    ...(editor.part ? [] : markFields(terms, () => editor.pose, (pose, anew) => put(editor, pose, { choices: anew, slider: anew ? "" : "mark" }))));
  if (!focused) return;
  const same = places.flatMap((place) => [...place.querySelectorAll("[aria-label]")]).find((each) => each.getAttribute("aria-label") === focused);
  (same || editor.choices.closest(".pane")?.querySelector("h2"))?.focus({ preventScroll: true }); // what had it may be no more
};

/* View and side of the picture; they may be written, too, where the image itself stands. */
const viewFields = (editor) => {
  const keep = make("input", { type: "checkbox", onchange: () => { editor.keepsView = keep.checked; tell(editor); } });
  const row = make("label", { className: "field keep", hidden: true }, keep, make("span", {}, "Save the view, too"));
  const look = (key) => (name) => {
    editor[key] = name;
    row.hidden = editor.view === editor.image.view && editor.side === editor.image.side;
    if (row.hidden) { keep.checked = false; editor.keepsView = false; }
    draw(editor);
    tell(editor);
  };
  return make("div", { className: "fields" }, labelled("View", select("View", terms.views, editor.view, look("view"))),
    labelled("Side that is seen", select("Side that is seen", ["left", "right"], editor.side, look("side"))), row);
};

const placeField = (editor) => {
  const names = editor.image.poses.map((place, index) => [`${index}`, `${place.holds_for} (${place.path})`]);
  const field = select("Save to", names, `${editor.place}`, (index) => {
    const before = { place: editor.place, pose: editor.pose, moved: editor.moved };
    const go = (next) => { Object.assign(editor, next); field.value = `${editor.place}`; usePlace(editor); };
    go({ place: Number(index), pose: editor.image.poses[Number(index)].value, moved: false });
    if (before.moved) toast("This is the pose as it stands there; your moves are put aside", { undo: () => go(before) });
  });
  return labelled("Save to", field);
};

const usePlace = (editor) => {
  const place = placeOf(editor);
  editor.part = "";
  editor.past.clear();
  editor.ownPose = place.pointer.length ? null : place.path.split("/").pop().replace(/\.ya?ml$/, "");
  editor.written = null;
  showChoices(editor);
  draw(editor);
  tell(editor);
};

/* What is to be written, by file. */
const changesOf = (editor) => {
  const files = new Map(), { image } = editor;
  const add = (place, pointer, value) => {
    if (!files.has(place.path)) files.set(place.path, { path: place.path, sha256: place.sha256, changes: [] });
    files.get(place.path).changes.push({ pointer, value });
  };
  if (editor.moved) add(placeOf(editor), placeOf(editor).pointer, model.writtenFor(editor.written, placeOf(editor), image.position, image.shared_poses));
  if (editor.keepsView && editor.view !== image.view) add(image.own, [...image.own.pointer, "view_angle"], editor.view);
  if (editor.keepsView && editor.side !== image.side) add(image.own, [...image.own.pointer, "side"], editor.side);
  for (const { place, path, value } of editor.values.values()) add(place, [...place.pointer, ...path], value);
  return [...files.values()];
};

/* Writes what is moved, when it is drawn: what is written of a pose comes with its drawing. What is moved meanwhile stays to
   be saved. Tells whether it is saved. */
const saveOnce = async (editor) => {
  await editor.drawing;
  if (editor.button.disabled) return true;
  const { pose, view, side } = editor, values = [...editor.values];
  editor.status.textContent = "Saving";
  try {
    const files = changesOf(editor);
    if (files.length) await write("/api/edits", { files }, "PUT");
    if (editor.pose === pose) editor.moved = false;
    if (editor.view === view && editor.side === side) editor.keepsView = false;
    for (const [key, value] of values) if (editor.values.get(key) === value) editor.values.delete(key);
    await reload(editor);
    editor.conflict.replaceChildren();
    toast(`Saved: ${editor.image.target}`);
    return true;
  } catch (refusal) {
    if (refusal.status === 409) await showConflict(editor);
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was saved", { bad: true });
    return false;
  } finally {
    tell(editor);
  }
};

/* How the image stands now. What a person moved stays. */
const reload = async (editor) => {
  const image = await read(`/api/image?name=${encodeURIComponent(editor.image.target)}`);
  editor.place = Math.min(editor.place, image.poses.length - 1);
  editor.image = image;
  if (!editor.moved) editor.pose = placeOf(editor).value;
  showChoices(editor);
  showStrengths(editor);
  draw(editor);
};

/* The file is another one by now: the pose that stands there, this one, and a choice. */
const showConflict = async (editor) => {
  try { await reload(editor); } catch { return; }
  const clear = () => editor.conflict.replaceChildren();
  editor.conflict.replaceChildren(make("h3", { tabIndex: -1 }, "The file was changed meanwhile"),
    make("p", {}, "The pose that stands there now; yours is kept here:"), make("pre", { tabIndex: 0 }, JSON.stringify(placeOf(editor).value, null, 1)),
    make("p", { className: "row" }, make("button", { type: "button", onclick: () => { clear(); editor.save(); } }, "Save mine in its place"),
      make("button", { type: "button", onclick: () => {
        Object.assign(editor, { moved: false, pose: placeOf(editor).value });
        editor.values.clear();
        clear();
        usePlace(editor);
        showStrengths(editor);
      } }, "Take that")));
  editor.conflict.querySelector("h3").focus();
};

const showStrengths = (editor) => {
  const section = strengthSection(editor.image, terms, (place, path, value) => {
    editor.values.set(JSON.stringify([place.path, place.pointer, path]), { place, path, value });
    tell(editor);
  });
  editor.strengths.replaceChildren(...(section ? [section] : []));
};

const fill = (editor, body) => {
  const stage = make("div", { className: "stage" }, editor.figure, viewFields(editor), editor.findings,
    make("details", { className: "written", open: true }, make("summary", {}, "What is written"), make("pre", { tabIndex: 0 }, editor.yaml)), placeField(editor), editor.conflict);
  const controls = make("div", { className: "controls" }, editor.choices, make("h3", {}, "Joints"),
    make("p", { className: "tally" }, "Green is the normal range, hatched what is possible; the tick is the base posture."), editor.sliders.element, editor.besides, editor.strengths);
  body.append(stage, controls);
};

const actOn = (editor) => (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  const keys = { s: editor.save, z: () => travel(editor, event.shiftKey ? "redo" : "undo"), y: () => travel(editor, "redo") };
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
};

/* Opens the editor of the pose of `target`. */
export const openPose = async (target) => {
  let image;
  try {
    [image, terms] = await Promise.all([read(`/api/image?name=${encodeURIComponent(target)}`), terms || read("/api/pose/terms")]);
  } catch (refusal) {
    toast(refusal.message, { bad: true });
    return;
  }
  const editor = { image, place: 0, part: "", view: image.view, side: image.side, pose: image.poses[0].value, moved: false, keepsView: false,
    values: new Map(), written: null, ownPose: null };
  editor.figure = make("img", { className: "figure", alt: `The figure in this pose, ${target}` });
  [editor.figure.width, editor.figure.height] = sizeOf(image.size);
  editor.yaml = make("code", {});
  editor.findings = make("div", { className: "findings", role: "status", "aria-label": "Warnings" });
  editor.choices = make("div", {});
  editor.besides = make("div", {});
  editor.strengths = make("div", {});
  editor.conflict = make("div", { className: "conflict" });
  editor.status = make("span", { className: "tally state", role: "status" });
  const { save, running } = saver(() => saveOnce(editor));
  editor.save = save;
  editor.button = make("button", { type: "button", className: "main", onclick: save }, "Save");
  editor.sliders = jointSliders(terms.groups, (axis, side, value) => putPart(editor,
    model.withAngle(model.partOf(editor.pose, editor.part), axis, side, value), { choices: false, slider: `${side} ${axis.name}` }));
  editor.past = history();
  editor.undo = make("button", { type: "button", "aria-label": "Undo", title: "Undo (Ctrl+Z)", onclick: () => travel(editor, "undo") }, "↶");
  editor.redo = make("button", { type: "button", "aria-label": "Redo", title: "Redo (Ctrl+Shift+Z)", onclick: () => travel(editor, "redo") }, "↷");
  editor.lookCloser = debounced(() => { if (editor.figure.isConnected) draw(editor, true); }, QUIET);
  const drawNewest = newest((request, isNewest) => perform(editor, request, isNewest));
  editor.draw = (request) => { editor.drawing = drawNewest(request); };
  const opened = await openPane(`Pose of ${target}`, "pose-pane", { isUnsaved: () => isUnsaved(editor), saving: running, buttons: [editor.status, editor.undo, editor.redo, editor.button], keys: actOn(editor) });
  if (!opened) return;
  fill(editor, opened.body);
  showStrengths(editor);
  usePlace(editor);
};
