/* Lines of a text: their ends as they were, where they begin, and typing among them. */

/* `text`, as a textarea gives it, with the ends of lines that `before` had: of those that begin and end both alike, each its
   own, of the others that of the first. */
export const withLineEnds = (text, before) => {
  if (!before.includes("\r\n")) return text;
  const old = before.split("\n"), now = text.split("\n");
  const bare = old.map((line) => line.replace(/\r$/, "")), usual = old[0].endsWith("\r") ? "\r" : "";
  let head = 0, tail = 0;
  while (head < Math.min(now.length, bare.length) && now[head] === bare[head]) head += 1;
  while (tail < Math.min(now.length, bare.length) - head && now[now.length - 1 - tail] === bare[bare.length - 1 - tail]) tail += 1;
  return now.map((line, place) => {
    if (place < head) return old[place];
    const fromEnd = now.length - 1 - place;
    if (fromEnd < tail) return old[old.length - 1 - fromEnd];
    return line + (place < now.length - 1 ? usual : "");
  }).join("\n");
};

/* The offset of a line and a column, both from 1. Columns count whole characters, offsets halves of those beyond the first plane. */
export const offsetOf = (text, line, column) => {
  let offset = 0;
  for (let count = 1; count < line; count += 1) {
    const end = text.indexOf("\n", offset);
    if (end < 0) break;
    offset = end + 1;
  }
  const end = text.indexOf("\n", offset);
  const characters = [...text.slice(offset, end < 0 ? text.length : end)];
  return offset + characters.slice(0, Math.max(column - 1, 0)).join("").length;
};

/* Types `text` at the selection, so that the browser's own undo takes it back. */
export const type = (area, text) => {
  area.focus();
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
};

/* Tab indents by two spaces, with Shift it takes two away; Enter begins as the line before; after Escape, Tab leaves,
   and another Escape goes on to what holds the text. */
export const listenToTyping = (area) => {
  let leaves = false;
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (!leaves) event.stopPropagation(); // a second one closes the pane
      leaves = true;
      return;
    }
    const wasLeaving = leaves;
    if (event.key !== "Shift") leaves = false;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    if (event.key === "Tab" && !wasLeaving) {
      event.preventDefault();
      if (!event.shiftKey) { type(area, "  "); return; }
      const spaces = /^ {0,2}/.exec(area.value.slice(start))[0].length;
      if (spaces === 0) return;
      const caret = Math.max(area.selectionStart - spaces, start);
      area.setSelectionRange(start, start + spaces);
      type(area, "");
      area.setSelectionRange(caret, caret);
    } else if (event.key === "Enter" && !event.shiftKey) {
      const indent = /^ *(?:- )?/.exec(area.value.slice(start, area.selectionStart))[0].replace("-", " ");
      if (!indent) return;
      event.preventDefault();
      type(area, `\n${indent}`);
    }
  });
};
