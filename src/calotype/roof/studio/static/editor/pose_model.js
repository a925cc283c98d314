/* A pose as a spec writes it, and the changes that an editor makes to it. It knows neither pages nor servers. */

export const OTHER = { left: "right", right: "left" };

const without = (object, names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
const termsOf = (axis) => [axis.name, axis.opposite].filter((name) => name);

/* The term and number of a value along an axis. */
export const termOf = (axis, value) => value < 0 && axis.opposite && axis.laterality !== "directed" ? [axis.opposite, -value] : [axis.name, value];

const setSide = (pose, side, terms) => Object.keys(terms).length ? { ...without(pose, [side]), [side]: terms } : without(pose, [side]);

/* What a pose says of a paired axis on one side itself, as {term: number}; null where it says nothing. */
const saidOf = (pose, axis, side) => {
  for (const said of [pose[side] || {}, pose]) {
    const term = termsOf(axis).find((name) => name in said);
    if (term) return { [term]: said[term] };
  }
  return null;
};

/* Whether a pose says an axis itself. `side` is left, right or middle. */
export const says = (pose, axis, side) => {
  if (axis.laterality === "directed") return ["left", "right"].some((each) => axis.name in (pose[each] || {}));
  return axis.laterality === "axial" ? termsOf(axis).some((name) => name in pose) : saidOf(pose, axis, pose.mirror ? OTHER[side] : side) !== null;
};

/* `pose` with an axis at `value` (null: left to what the pose rests on). Of a mirrored pose, the sides are those that are seen. */
export const withAngle = (pose, axis, side, value) => {
  const terms = termsOf(axis);
  if (axis.laterality === "axial") {
    const bare = without(pose, terms);
    if (value === null) return bare;
    const [term, number] = termOf(axis, value);
    return { ...bare, [term]: number };
  }
  if (axis.laterality === "directed") {
    let bare = pose;
    for (const each of ["left", "right"]) bare = setSide(bare, each, without(bare[each] || {}, terms));
    if (value === null) return bare;
    const turned = pose.mirror ? -value : value, to = turned < 0 ? "left" : "right";
    return setSide(bare, to, { ...(bare[to] || {}), [axis.name]: Math.abs(turned) });
  }
  const here = pose.mirror ? OTHER[side] : side, there = OTHER[here];
  const other = saidOf(pose, axis, there);
  const [term, number] = value === null ? [] : termOf(axis, value);
  const own = value === null ? null : { [term]: number };
  let bare = without(pose, terms);
  for (const each of ["left", "right"]) bare = setSide(bare, each, without(bare[each] || {}, terms));
  if (own && other && JSON.stringify(own) === JSON.stringify(other)) return { ...bare, ...own };
  if (own) bare = setSide(bare, here, { ...(bare[here] || {}), ...own });
  return other ? setSide(bare, there, { ...(bare[there] || {}), ...other }) : bare;
};

/* `pose` on another base; `name` may be that of a pose of the project. */
export const withBase = (pose, name) => ({ base: name, ...without(pose, ["base", "mirror_of"]) });

export const mirrored = (pose) => pose.mirror ? without(pose, ["mirror"]) : { ...pose, mirror: true };

/* An object with a key at a value; without the key where that is undefined. */
export const withKey = (object, key, value) => value === undefined ? without(object, [key]) : { ...object, [key]: value };

/* The contacts of a pose as pairs, and the pose with others. */
export const contactsOf = (pose) => Object.entries(pose.contacts || {});
export const withContacts = (pose, pairs) => {
  const bare = without(pose, ["contacts"]);
  return pairs.length ? { ...bare, contacts: Object.fromEntries(pairs) } : bare;
};

/* The props of a pose, each as {name, options}, and the pose with others. */
export const propsOf = (pose) => (Array.isArray(pose.props) ? pose.props : pose.props ? [pose.props] : []).flatMap((entry) =>
  typeof entry === "string" ? [{ name: entry, options: {} }] : Object.entries(entry).map(([name, options]) => ({ name, options: options || {} })));
export const withProps = (pose, props) => {
  const bare = without(pose, ["props"]);
  if (!props.length) return bare;
  return { ...bare, props: props.map(({ name, options }) => Object.keys(options).length ? { [name]: options } : name) };
};

/* The phase of a movement that is edited, and the pose with it changed. */
export const partOf = (pose, part) => part ? (typeof pose[part] === "string" ? { base: pose[part] } : pose[part] || {}) : pose;
export const withPart = (pose, part, value) => part ? { ...pose, [part]: value } : value;

/* What is written into a spec for a pose in as few words as can be; null where nothing need stand there. */
export const writtenFor = (pose, { implied, pointer }, position, library) => {
  const names = Object.keys(pose);
  if (names.length === 0) return implied ? null : { base: position };
  return pointer.length && names.length === 1 && names[0] === "base" && library.includes(pose.base) ? pose.base : pose;
};
