/* Buttons under the candidates of a contact sheet, and the picture that is dropped on one. */
import { askReason, decide, takeBack, tellPutIn } from "/studio/decide.js";
import { Refused, write } from "/studio/api.js";
import { make, toast, toolsOf } from "/studio/dom.js";

const button = (words, act, label) => make("button", { type: "button", onclick: act, "aria-label": label }, words);

const candidateButtons = (figure, target, item) => {
  const pixels = item.dataset.pixels, number = item.querySelector(".result b")?.textContent || "";
  const bar = make("p", { className: "row", "data-studio": "" });
  if (item.classList.contains("rejected")) {
    bar.append(button("Take back", () => takeBack("reject", target, pixels), `Take back the rejection of candidate ${number}`));
    return bar;
  }
  if (item.classList.contains("picked") && /by a person/.test(figure.querySelector(".facts")?.textContent || "")) {
    bar.append(button("Take back", () => takeBack("pick", target, pixels), `Take back the pick of candidate ${number}`));
  } else bar.append(button("Pick", () => decide("pick", target, pixels), `Pick candidate ${number}`));
  bar.append(button("Approve", () => decide("approve", target, pixels), `Approve candidate ${number}`),
    button("Reject", async () => {
      const reason = await askReason(`Reject candidate ${number} of ${target}`);
      if (reason) await decide("reject", target, pixels, reason);
    }, `Reject candidate ${number}`), ...compareButton(figure, item, number));
  return bar;
};

/* Two of the candidates against each other, or one against what is published. */
const compareButton = (figure, item, number) => {
  const sides = () => {
    const mine = item.querySelector("a.print")?.href;
    const published = figure.querySelector(":scope > a.print")?.href;
    const first = figure.querySelector("li[data-pixels] a.print")?.href;
    const other = published || (first !== mine ? first : null);
    return mine && other ? [[other, mine], [published ? "Published" : "Candidate 1", `Candidate ${number}`]] : null;
  };
  if (!sides()) return [];
  // what is published may be another one by the time it is asked for
  const open = () => import("/studio/compare.js").then(({ compare }) => { const now = sides(); if (now) compare(...now); });
  return [button("Compare", open, `Compare candidate ${number}`)];
};

/* Adds what a figure lacks: after a page was renewed as well. */
export const addButtons = () => {
  for (const figure of document.querySelectorAll("figure[data-target]")) {
    const target = figure.dataset.target;
    for (const item of figure.querySelectorAll("li[data-pixels]")) {
      const old = item.querySelector("[data-studio]");
      const of = `${item.className} ${item.querySelector(".result b")?.textContent} ${Boolean(figure.querySelector(":scope > a.print"))}`;
      if (old && old.dataset.of === of) continue;
      old?.remove();
      const bar = candidateButtons(figure, target, item);
      bar.dataset.of = of;
      item.append(bar);
    }
    if (!figure.dataset.studioDrop) acceptDrops(figure, target);
  }
};

const TAKEN = ["image/png", "image/jpeg", "image/webp"], LARGEST = 20 * 2 ** 20;

const putIn = async (target, file) => {
  if (!TAKEN.includes(file.type)) return toast(`${file.name} is no PNG, JPEG or WebP picture`, { bad: true });
  if (file.size > LARGEST) return toast(`${file.name} has more than 20 MB`, { bad: true });
  try {
    const answer = await write(`/api/imports?name=${encodeURIComponent(target)}&file=${encodeURIComponent([...file.name].slice(-255).join(""))}`, file);
    tellPutIn(target, answer.decisions[0].pixels, `Put in for ${target}: ${file.name}`);
  } catch (refusal) {
    toast(refusal instanceof Refused ? refusal.message : "The server does not answer; nothing was put in", { bad: true });
  }
};

/* A figure takes a retouched picture that is dropped on it, or chosen from the disk. */
const acceptDrops = (figure, target) => {
  figure.dataset.studioDrop = "1";
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  figure.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    figure.classList.add("drop");
  });
  figure.addEventListener("dragleave", (event) => { if (!figure.contains(event.relatedTarget)) figure.classList.remove("drop"); });
  figure.addEventListener("drop", (event) => {
    figure.classList.remove("drop");
    if (!isFile(event)) return;
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) putIn(target, file);
  });
  const input = make("input", { type: "file", accept: TAKEN.join(","), hidden: true });
  input.addEventListener("change", () => { if (input.files[0]) putIn(target, input.files[0]); input.value = ""; });
  const choose = button("Put in a picture", () => input.click(), `Put in a picture for ${target}, as a retouched one`);
  choose.className = "put-in";
  toolsOf(figure).append(input, choose);
};
