/* Buttons that open an editor of what a page shows. The editors are loaded when one is first opened. */
import { make, toast, toolsOf } from "/studio/dom.js";

const open = (load) => async () => {
  try { await load(); } catch { toast("The editor could not be loaded; the server does not answer", { bad: true }); }
};

const editSpec = (file) => open(async () => (await import("/studio/editor/code_pane.js")).openSpec(file));
const editPose = (target) => open(async () => (await import("/studio/editor/pose_editor.js")).openPose(target));

const button = (words, act, label) => make("button", { type: "button", onclick: act, "aria-label": label }, words);

/* Adds what a page lacks: after it was renewed as well. */
export const addEditButtons = () => {
  const head = document.querySelector("#Page > .head[data-file]");
  if (!head) return;
  let bar = head.querySelector(":scope > [data-studio='edit']");
  if (bar?.dataset.of !== head.dataset.file) {
    bar?.remove();
    bar = make("p", { className: "row edit", "data-studio": "edit" }, button("Edit", editSpec(head.dataset.file), `Edit ${head.dataset.file}`));
    bar.dataset.of = head.dataset.file;
    head.append(bar);
  }
  for (const figure of document.querySelectorAll("#Page figure[data-target]")) {
    const { target } = figure.dataset, tools = toolsOf(figure);
    const old = tools.querySelector(".edit-pose");
    if (old?.dataset.of === target) continue;
    old?.remove();
    const edit = button("Edit pose", editPose(target), `Edit the pose of ${target}`);
    edit.className = "edit-pose";
    edit.dataset.of = target;
    tools.prepend(edit);
  }
};
