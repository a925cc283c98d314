/* Whose figure a pose is, and what is drawn over it: how far a movement is, its arrows, and the angles that are marked. */
import { make } from "/studio/dom.js";
import { labelled, removal, select } from "/studio/editor/choices.js";
import { withKey } from "/studio/editor/pose_model.js";

const words = (name) => name.replaceAll("_", " ");
const NEUTRAL = { build: "average", sex: "neutral", hair: "short" };

const fieldset = (title, ...children) => make("fieldset", { className: "choices" }, make("legend", {}, title), ...children);

/* Who is posed. What is as it is without a word is not written. */
const figureFields = (terms, read, act) => {
  const now = () => read().figure || {};
  const put = (key, value, anew = true) => {
    const figure = withKey(now(), key, value === NEUTRAL[key] ? undefined : value);
    act(withKey(read(), "figure", Object.keys(figure).length ? figure : undefined), anew);
  };
  const [low, high] = terms.figure.heights;
  const height = make("input", { type: "number", min: low, max: high, step: 1, value: now().height ?? "", placeholder: `${terms.figure.height}`, "aria-label": `Height, ${low} to ${high} cm`,
    oninput: (event) => { if (event.target.validity.valid) put("height", event.target.value === "" ? undefined : event.target.valueAsNumber, false); } });
  const choice = (label, key, names) => labelled(label, select(label, names, now()[key] ?? NEUTRAL[key], (name) => put(key, name)));
  return fieldset("Figure", make("div", { className: "fields" }, labelled("Height, cm", height), choice("Build", "build", terms.figure.builds),
    choice("Sex", "sex", terms.figure.sexes), choice("Hair", "hair", terms.figure.hairs)));
};

/* How far a movement is, and what is shown of its way. */
const movementFields = (terms, read, act) => {
  const { fraction = 1, show = ["arrows"] } = read();
  const output = make("output", {}, `${fraction}`);
  const range = make("input", { type: "range", min: 0, max: 1, step: 0.05, value: fraction, "aria-label": "How far the movement is, 0 to 1" });
  range.addEventListener("input", () => {
    output.textContent = range.value;
    act(withKey(read(), "fraction", range.valueAsNumber === 1 ? undefined : range.valueAsNumber), false);
  });
  const box = (name, label) => {
    const input = make("input", { type: "checkbox", checked: show.includes(name), onchange: () => {
      const names = terms.shows.filter((each) => each === name ? input.checked : (read().show || ["arrows"]).includes(each));
      act(withKey(read(), "show", names.length === 1 && names[0] === "arrows" ? undefined : names), false);
    } });
    return make("label", { className: "field" }, input, make("span", {}, label));
  };
  return fieldset("Movement", make("label", { className: "field along" }, make("span", {}, "How far"), range, output),
    make("div", { className: "fields" }, box("arrows", "An arrow along the way"), box("ghost", "In grey where it begins")));
};

/* Rows of a list in the pose, each with a button that takes it out, and one that adds another. */
const rowsOf = (title, key, read, act, { row, fresh, add }) => {
  const list = () => read()[key] || [];
  const put = (next, anew = true) => act(withKey(read(), key, next.length ? next : undefined), anew);
  const change = (place) => (value, anew) => put(list().map((each, index) => index === place ? value : each), anew);
  const rows = list().map((entry, place) => make("li", {}, ...row(entry, place, change(place)),
    removal(`Take out ${title.toLowerCase().replace(/s$/, "")} ${place + 1}`, () => put(list().filter((_, index) => index !== place)))));
  const next = fresh(list());
  return fieldset(title, make("ul", {}, ...rows),
    make("p", { className: "row" }, make("button", { type: "button", disabled: next === undefined, onclick: () => put([...list(), fresh(list())]) }, add)));
};

const arrowRows = (terms, read, act) => rowsOf("Arrows", "arrows", read, act, {
  add: "Add an arrow",
  fresh: () => ({ of: "right_hand", path: "up" }),
  row: (arrow, place, put) => [select(`Arrow ${place + 1} follows`, terms.landmarks, arrow.of, (of) => put({ ...arrow, of })),
    select(`Path of arrow ${place + 1}`, terms.paths, arrow.path, (path) => put({ ...arrow, path })),
    make("input", { type: "number", min: 1, max: 200, step: 1, value: arrow.size ?? "", placeholder: "size, cm", "aria-label": `Size of arrow ${place + 1}, 1 to 200 cm`,
      oninput: (event) => { if (event.target.validity.valid) put(withKey(arrow, "size", event.target.value === "" ? undefined : event.target.valueAsNumber), false); } })],
});

const arcRows = (terms, read, act) => rowsOf("Marked angles", "arcs", read, act, {
  add: "Mark an angle",
  fresh: (arcs) => terms.arcs.find((name) => !arcs.includes(name)),
  row: (arc, place, put) => [select(`Marked angle ${place + 1}`, terms.arcs, arc, (name) => put(name))],
});

/* All of it. `read()` gives the whole pose, `act` is told what it is to be, and whether the rows have to be made anew. */
export const markFields = (terms, read, act) => {
  const isMovement = Boolean(read().from || read().to);
  return [...(isMovement ? [movementFields(terms, read, act)] : []), arrowRows(terms, read, act), arcRows(terms, read, act), figureFields(terms, read, act)];
};
