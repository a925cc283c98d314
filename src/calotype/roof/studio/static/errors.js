/* What is wrong, over the page, until it is mended. */
import { make } from "/studio/dom.js";

let panel = null, closed = "", latest = null;

/* Shows again what was hidden. */
export const reopenErrors = (state) => {
  closed = "";
  if (state) showErrors(state);
  panel?.querySelector("button").focus();
};

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel?.contains(document.activeElement)) panel.querySelector("button").click();
});

document.addEventListener("calotype:pane", () => { if (latest) showErrors(latest); });

const frame = (diagnostic) => {
  if (!diagnostic.frame?.length) return [];
  const lines = diagnostic.frame.map(({ number, text }) => make("span", { className: number === diagnostic.line ? "line at" : "line" },
    make("span", { className: "gutter" }, `${number}`), text, "\n"));
  return [make("pre", { className: "frame-of-code", tabIndex: 0 }, ...lines)];
};

const entry = (diagnostic) => {
  const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter((part) => part).join(":");
  return make("li", {}, make("p", {}, make("b", {}, diagnostic.message)), ...(place ? [make("p", {}, make("code", {}, place))] : []),
    ...frame(diagnostic), ...(diagnostic.hint ? [make("p", { className: "hint" }, diagnostic.hint)] : []));
};

/* Shows the errors of `state`; takes them away when there are none. The last good pictures stay on the page below. Those of
   the file that is open in the code pane are told there, at their lines. */
export const showErrors = (state) => {
  latest = state;
  const all = (state.ended || state.diagnostics || []).filter((each) => each.severity === "error");
  const open = document.querySelector(".code-pane")?.dataset.file, errors = all.filter((each) => !open || each.file !== open);
  const text = JSON.stringify(errors);
  const file = document.querySelector("#Page > .head")?.dataset.file;
  document.documentElement.toggleAttribute("data-invalid", errors.length > 0);
  document.documentElement.toggleAttribute("data-last-good", file !== undefined && all.some((each) => each.file === file));
  if (errors.length === 0 || closed === text) {
    panel?.remove();
    panel = null;
    if (errors.length === 0) closed = "";
    return;
  }
  if (panel?.dataset.text === text) return;
  panel?.remove();
  const close = () => { closed = text; panel.remove(); panel = null; document.querySelector(".chip")?.focus(); };
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  panel = make("section", { className: "errors", role: "alert", "aria-label": "Errors" },
    make("div", { className: "bar" }, make("h2", {}, count), make("button", { type: "button", onclick: close, "aria-label": "Hide the errors" }, "Hide")),
    make("p", { className: "tally" }, state.ended ? "What was published stays. Nothing is built until Studio is started anew."
      : "What was published stays. This goes by itself when it is mended."),
    make("ul", {}, ...errors.slice(0, 20).map(entry)));
  panel.dataset.text = text;
  document.querySelector("main").before(panel);
};
