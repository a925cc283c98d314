/* Choices of a pose: what touches what, and the things around it. */
import { make } from "/studio/dom.js";

const words = (name) => name.replaceAll("_", " ");

/* A select of `names` (or of [value, text]) with `value` chosen. */
export const select = (label, names, value, act) => {
  const options = names.map((entry) => {
    const [name, text] = Array.isArray(entry) ? entry : [entry, words(entry)];
    return make("option", { value: name, selected: name === value }, text);
  });
  return make("select", { "aria-label": label, onchange: (event) => act(event.target.value) }, ...options);
};

/* A select with its label before it. */
export const labelled = (label, element) => make("label", { className: "field" }, make("span", {}, label), element);

export const removal = (label, act) => make("button", { type: "button", "aria-label": label, onclick: act }, "×");

/* The rows of the contacts. `read()` gives them as they are, [part, surface] each; `act` is told what they are to be. `resting`
   are those that hold besides, by the base posture and the like: [when, [part, surface] each]; each may be changed or taken away. */
export const contactRows = (terms, read, act, resting) => {
  const rows = read().map(([part, surface], place) => {
    const put = (change) => act(read().map((pair, index) => index === place ? change(pair) : pair));
    return make("li", {}, select(`Part ${place + 1}`, terms.parts, part, (name) => put(([, now]) => [name, now])), make("span", {}, "on"),
      select(`Surface of ${words(part)}`, terms.surfaces, surface, (name) => put(([now]) => [now, name])),
      removal(`Take out the contact of ${words(part)}`, () => act(read().filter((_, index) => index !== place))));
  });
  const add = () => {
    const pairs = read(), taken = pairs.map(([part]) => part);
    act([...pairs, [terms.parts.find((name) => !taken.includes(name)), "none"]]);
  };
  const besides = resting.filter(([, pairs]) => pairs.length).map(([when, pairs]) => make("div", { className: "resting" }, make("p", { className: "tally" }, when),
    make("ul", {}, ...pairs.map(([part, surface]) => make("li", {}, `${words(part)} on ${words(surface)} `,
      make("button", { type: "button", "aria-label": `Change the contact of ${words(part)}`, onclick: () => act([...read().filter(([name]) => name !== part), [part, surface]]) }, "Change"))))));
  return make("fieldset", { className: "choices" }, make("legend", {}, "Contacts"), make("ul", {}, ...rows), ...besides,
    make("p", { className: "row" }, make("button", { type: "button", onclick: add }, "Add a contact")));
};

/* What may be said of a prop; `put` is told its option, and whether the rows stay as they are. */
const optionField = (option, prop, put) => {
  const value = prop.options[option.name], label = `${words(option.name)} of the ${words(prop.name)}`;
  if (option.words.length) {
    const choices = option.required ? option.words : [["", `${words(option.name)}: by itself`], ...option.words];
    return select(label, choices, value ?? "", (next) => put(option.name, next, true));
  }
  const [low, high] = option.span;
  return make("input", { type: "number", min: low, max: high, step: 1, value: value ?? "", placeholder: `${words(option.name)}, cm`, "aria-label": `${label}, ${low} to ${high} cm`,
    title: option.meaning, oninput: (event) => { if (event.target.validity.valid) put(option.name, event.target.value === "" ? "" : event.target.valueAsNumber, false); } });
};

const withOption = ({ name, options }, key, value) => {
  const rest = Object.fromEntries(Object.entries(options).filter(([each]) => each !== key));
  return { name, options: value === "" ? rest : { ...rest, [key]: value } };
};

/* The rows of the props. `read()` gives them as they are, {name, options} each; `act` is told what they are to be, and whether the
   rows have to be made anew. */
export const propRows = (terms, read, act) => {
  const kinds = new Map(terms.props.map((kind) => [kind.name, kind]));
  const fresh = (name) => ({ name, options: Object.fromEntries(kinds.get(name).options.filter((option) => option.required)
    .map((option, place) => [option.name, option.words[place]])) });
  const rows = read().map((prop, place) => {
    const put = (change, anew = true) => act(read().map((each, index) => index === place ? change(each) : each), anew);
    const options = kinds.get(prop.name)?.options || [];
    return make("li", {}, select(`Prop ${place + 1}`, terms.props.map((kind) => kind.name), prop.name, (name) => put(() => fresh(name))),
      ...options.map((option) => optionField(option, prop, (key, value, anew) => put((each) => withOption(each, key, value), anew))),
      removal(`Take out the ${words(prop.name)}`, () => act(read().filter((_, index) => index !== place), true)));
  });
  return make("fieldset", { className: "choices" }, make("legend", {}, "Props"), make("ul", {}, ...rows),
    make("p", { className: "row" }, make("button", { type: "button", onclick: () => act([...read(), fresh(terms.props[0].name)], true) }, "Add a prop")));
};
