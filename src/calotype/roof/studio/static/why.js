/* Beside each image: why it is as it is, what it starts from, and what starts from it. Asked for when it is opened. */
import { read } from "/studio/api.js";
import { make } from "/studio/dom.js";

const written = (value) => value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

const change = (each) => make("li", {}, make("code", {}, each.field), " ", make("del", {}, written(each.old)), " ", make("ins", {}, written(each.new)),
  ...(each.file ? [" ", make("code", {}, [each.file, each.line].filter(Boolean).join(":"))] : each.why ? [` (${each.why})`] : []));

const section = (title, rows) => rows.length ? [make("h4", {}, title), make("ul", {}, ...rows)] : [];

const link = (target) => make("li", {}, make("a", { href: `/build/${target.split("/").slice(0, 2).join("/")}.html` }, make("code", {}, target)));

const show = async (target, body) => {
  body.replaceChildren("Reading …");
  const name = encodeURIComponent(target);
  try {
    const [why, graph] = await Promise.all([read(`/api/explanation?name=${name}`), read(`/api/graph?name=${name}`)]);
    const from = graph.edges.filter((edge) => edge[1] === target).map((edge) => link(edge[0]));
    const to = graph.edges.filter((edge) => edge[0] === target).map((edge) => link(edge[1]));
    body.replaceChildren(make("p", {}, make("b", {}, why.status.replaceAll("_", " ")), why.reason ? `: ${why.reason}` : ""),
      ...section("Not as its spec asks", why.changes.map(change)), ...section("What changed last", why.last_build.map(change)),
      ...section("Judged", why.judging.map((line) => make("li", {}, line))), ...section("Starts from", from), ...section("Start of", to),
      make("h4", {}, "Key"), make("p", {}, make("code", {}, why.key || "not known yet")));
  } catch (refusal) { body.replaceChildren(refusal.message); }
};

export const addWhy = () => {
  for (const figure of document.querySelectorAll("figure[data-target]")) {
    if (figure.querySelector(".why")) continue;
    const body = make("div", {});
    const details = make("details", { className: "why", "data-studio": "" }, make("summary", {}, "Why"), body);
    details.addEventListener("toggle", () => { if (details.open) show(figure.dataset.target, body); });
    figure.querySelector("figcaption")?.append(details);
  }
};

/* What is open is read again: it was of the picture before. */
export const renewWhy = () => {
  for (const details of document.querySelectorAll("details.why[open]")) {
    show(details.closest("figure").dataset.target, details.lastElementChild);
  }
};
