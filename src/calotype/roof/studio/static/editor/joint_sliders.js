/* Sliders for the joints of a pose, by parts of the body: each within what is possible, with the normal range marked. */
import { make } from "/studio/dom.js";
import { says } from "/studio/editor/pose_model.js";

const words = (name) => name.replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const unitOf = (axis) => axis.unit === "cm" ? " cm" : "°";
const STEP = { deg: 1, cm: 0.5 };

/* What a value means: "neck flexion 30°", "20° to the right". */
export const meaning = (axis, value) => {
  if (axis.laterality === "directed") return value === 0 ? "0°" : `${Math.abs(value)}° to the ${value < 0 ? "left" : "right"}`;
  const name = value < 0 && axis.opposite ? axis.opposite : axis.name;
  return `${words(name)} ${value < 0 && !axis.opposite ? value : Math.abs(value)}${unitOf(axis)}`;
};

/* What an axis is called, and what its lower and upper end: "Neck", "extension", "flexion". */
const namesOf = (axis) => {
  if (axis.laterality === "directed") return [capital(words(axis.name)), "left", "right"];
  if (!axis.opposite) return [capital(words(axis.name)), "", ""];
  const high = words(axis.name).split(" "), low = words(axis.opposite).split(" ");
  let common = 0;
  while (high[common] === low[common]) common += 1;
  return [capital(high.slice(0, common).join(" ")), low.slice(common).join(" "), high.slice(common).join(" ")];
};

const titleOf = (axis) => [axis.name, axis.opposite].filter((name) => name).map(words).join(" or ");

const SIDE_WORDS = { left: "Left", right: "Right", middle: "" };

const share = (axis, value) => {
  const [low, high] = axis.possible;
  return (value - low) / (high - low);
};

/* One slider with its number and the button that leaves it to the base. */
const slider = (axis, side, act) => {
  const [low, high] = axis.possible, step = STEP[axis.unit] || 1;
  const label = [SIDE_WORDS[side].toLowerCase(), titleOf(axis)].filter((part) => part).join(" ");
  const range = make("input", { type: "range", min: low, max: high, step, "aria-label": capital(label) });
  const number = make("input", { type: "number", min: low, max: high, step, "aria-label": `${capital(label)}, as a number` });
  const reset = make("button", { type: "button", "aria-label": `Leave ${label} to the base posture`, title: "As in the base posture" }, "↺");
  const track = make("span", { className: "track" }, make("span", { className: "band" }), make("span", { className: "base" }), range);
  track.style.setProperty("--low", share(axis, axis.normal[0]));
  track.style.setProperty("--high", share(axis, axis.normal[1]));
  track.style.setProperty("--zero", share(axis, 0));
  const meant = make("span", { className: "meant" });
  const row = make("div", { className: "slide", role: "group", "aria-label": capital(label) },
    make("span", { className: "side", "aria-hidden": "true" }, SIDE_WORDS[side].charAt(0)), track, number, reset, meant);
  const show = (value, base, isSaid, isForced = false) => {
    if (isForced || document.activeElement !== number) number.value = value;
    range.value = value;
    const outside = value < axis.normal[0] || value > axis.normal[1];
    meant.textContent = meaning(axis, value);
    range.setAttribute("aria-valuetext", `${meaning(axis, value)}${outside ? ", beyond the normal range" : ""}`);
    track.style.setProperty("--base", share(axis, base));
    row.classList.toggle("said", isSaid);
    row.classList.toggle("outside", outside);
    reset.disabled = !isSaid;
  };
  const move = (value) => {
    if (!Number.isFinite(value)) return;
    const held = Math.min(Math.max(value, low), high);
    show(held, row.base ?? 0, true);
    act(axis, side, held);
  };
  range.addEventListener("input", () => move(range.valueAsNumber));
  number.addEventListener("input", () => { if (number.validity.valid) move(number.valueAsNumber); });
  number.addEventListener("change", () => { move(number.valueAsNumber); number.value = range.value; });
  reset.addEventListener("click", () => { act(axis, side, null); range.focus(); });
  return { row, show };
};

const tick = (axis) => `normal ${axis.normal[0]} to ${axis.normal[1]}, possible ${axis.possible[0]} to ${axis.possible[1]} ${axis.unit === "cm" ? "cm" : "degrees"} (${axis.source})`;

/* The parts of the body that a person opened: they are open in the next pose as well. */
const openParts = new Set();

const sidesOf = (axis) => axis.laterality === "paired" ? ["left", "right"] : ["middle"];

/* The sliders of all `groups`. `act(axis, side, value)` is told each move, null for one left to the base. Returns the element,
   and `show(pose, angles, base, isForced)`, which puts every slider where the pose has it, and a number that has the focus only
   if it is forced to. */
export const jointSliders = (groups, act) => {
  const rows = new Map(), parts = [];
  let latest = null;
  const put = (axis, side, isForced = false) => {
    const entry = rows.get(`${side}.${axis.name}`);
    if (!entry || !latest) return;
    const { pose, angles, base } = latest;
    entry.row.base = base[side][axis.name];
    entry.show(angles[side][axis.name], base[side][axis.name], says(pose, axis, side), isForced);
  };
  for (const group of groups) {
    const count = make("small", {});
    const body = make("div", { className: "joints" });
    const details = make("details", { className: "joint-group" }, make("summary", {}, group.name, " ", count), body);
    const fill = () => {
      if (body.firstChild) return;
      for (const axis of group.axes) {
        const [name, low, high] = namesOf(axis);
        const sliders = sidesOf(axis).map((side) => {
          const entry = slider(axis, side, act);
          rows.set(`${side}.${axis.name}`, entry);
          return entry.row;
        });
        body.append(make("div", { className: "joint" }, make("p", { className: "axis", title: tick(axis) }, make("b", {}, name), make("span", {}, low), make("span", {}, high)), ...sliders));
        for (const side of sidesOf(axis)) put(axis, side);
      }
    };
    details.addEventListener("toggle", () => {
      if (details.open) fill();
      if (details.open) openParts.add(group.name); else openParts.delete(group.name);
    });
    if (openParts.has(group.name)) { details.open = true; fill(); }
    parts.push({ group, details, count, fill });
  }
  let isFirst = true;
  const show = (pose, angles, base, isForced = false) => {
    latest = { pose, angles, base };
    for (const { group, details, count, fill } of parts) {
      let said = 0;
      for (const axis of group.axes) {
        for (const side of sidesOf(axis)) {
          if (says(pose, axis, side)) said += 1;
          put(axis, side, isForced);
        }
      }
      count.textContent = said ? `${said} set` : "";
      if (isFirst && said) { details.open = true; fill(); }
    }
    isFirst = false;
  };
  return { element: make("div", { className: "joint-groups" }, ...parts.map(({ details }) => details)), show };
};
