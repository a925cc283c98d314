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

const removal = (label, act) => make("button", { type: "button", "aria-label": label, onclick: act }, "×");

/* The rows of the contacts: [part, surface] each. */
export const contactRows = (terms, pairs, act) => {
  const rows = pairs.map(([part, surface], place) => {
    const put = (pair) => act(pairs.map((each, index) => index === place ? pair : each));
    return make("li", {}, select(`Part ${place + 1}`, terms.parts, part, (name) => put([name, surface])), make("span", {}, "on"),
      select(`Surface of ${words(part)}`, terms.surfaces, surface, (name) => put([part, name])),
      removal(`Take out the contact of ${words(part)}`, () => act(pairs.filter((_, index) => index !== place))));
  });
  const add = () => {
    const taken = pairs.map(([part]) => part), part = terms.parts.find((name) => !taken.includes(name));
    act([...pairs, [part, "floor"]]);
  };
  return make("fieldset", { className: "choices" }, make("legend", {}, "Contacts"), make("ul", {}, ...rows),
    make("p", { className: "row" }, make("button", { type: "button", onclick: add }, "Add a contact")));
};

const optionField = (option, prop, put) => {
  const value = prop.options[option.name], label = `${words(option.name)} of the ${words(prop.name)}`;
  const given = (next) => {
    const rest = Object.fromEntries(Object.entries(prop.options).filter(([name]) => name !== option.name));
    put({ ...prop, options: next === "" || next === null ? rest : { ...rest, [option.name]: next } });
  };
  if (option.words.length) {
    const choices = option.required ? option.words : [["", `${words(option.name)}: by itself`], ...option.words];
    return select(label, choices, value ?? "", given);
  }
  const [low, high] = option.span;
  return make("input", { type: "number", min: low, max: high, step: 1, value: value ?? "", placeholder: `${words(option.name)}, cm`, "aria-label": `${label}, ${low} to ${high} cm`,
    title: option.meaning, onchange: (event) => { if (event.target.validity.valid) given(event.target.value === "" ? null : event.target.valueAsNumber); } });
};

/* The rows of the props: {name, options} each. */
export const propRows = (terms, props, act) => {
  const kinds = new Map(terms.props.map((kind) => [kind.name, kind]));
  const fresh = (name) => ({ name, options: Object.fromEntries(kinds.get(name).options.filter((option) => option.required)
    .map((option, place) => [option.name, option.words[place]])) });
  const rows = props.map((prop, place) => {
    const put = (next) => act(props.map((each, index) => index === place ? next : each));
    const options = kinds.get(prop.name)?.options || [];
    return make("li", {}, select(`Prop ${place + 1}`, terms.props.map((kind) => kind.name), prop.name, (name) => put(fresh(name))),
      ...options.map((option) => optionField(option, prop, put)), removal(`Take out the ${words(prop.name)}`, () => act(props.filter((_, index) => index !== place))));
  });
  return make("fieldset", { className: "choices" }, make("legend", {}, "Props"), make("ul", {}, ...rows),
    make("p", { className: "row" }, make("button", { type: "button", onclick: () => act([...props, fresh(terms.props[0].name)]) }, "Add a prop")));
};
