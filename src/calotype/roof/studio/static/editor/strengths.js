/* How strongly a picture follows the one it starts from, and its maps: sliders with the band that has proved itself. */
import { make } from "/studio/dom.js";
import { labelled, select } from "/studio/editor/choices.js";

const rounded = (value) => Math.round(value * 100) / 100;

/* A slider from 0 to `most`, with `band` marked where there is one. */
const strength = (label, value, most, band, act) => {
  const range = make("input", { type: "range", min: 0, max: most, step: 0.05, value, "aria-label": label });
  const output = make("output", {}, `${rounded(value)}`);
  const remark = make("small", { className: "remark" });
  const track = make("span", { className: "track" }, range);
  if (band) {
    track.prepend(make("span", { className: "band" }));
    track.style.setProperty("--low", band.low / most);
    track.style.setProperty("--high", Math.min(band.high / most, 1));
  }
  const tell = () => {
    const now = rounded(range.valueAsNumber);
    output.textContent = `${now}`;
    const outside = band ? now < band.low ? band.below : now > band.high ? band.above : "" : "";
    remark.textContent = outside || (band ? `usual: ${band.low} to ${band.high}` : "");
    range.setAttribute("aria-valuetext", [now, remark.textContent].join(", "));
    track.classList.toggle("outside", outside !== "");
  };
  range.addEventListener("input", () => { tell(); act(rounded(range.valueAsNumber)); });
  tell();
  return { element: make("div", { className: "strength" }, make("span", { className: "axis" }, label), track, output, remark), range, tell };
};

const scope = (place) => place.holds_for === "this image" ? [] : [make("small", { className: "tally" }, `holds for ${place.holds_for} (${place.path})`)];

/* The section of an image's strengths; null where it has none. `change(place, path, value)` is told each: `path` leads from the
   place to the value. */
export const strengthSection = (image, terms, change) => {
  if (image.renderer === "mannequin" || Object.keys(image.strengths).length === 0) return null;
  const parts = [];
  const { strength: own, reference, controls } = image.strengths;
  const { reference: band, control: controlBand } = terms.bands;
  if (own) parts.push(make("fieldset", {}, make("legend", {}, "From its anchor"),
    strength("Strength", own.value ?? reference?.value.strength ?? 0.5, 1, band, (value) => change(own, [], value)).element));
  if (reference) {
    const value = reference.value;
    parts.push(make("fieldset", {}, make("legend", {}, "Reference"), ...scope(reference),
      ...(own?.value != null ? [] : [strength("Strength", value.strength ?? 0.6, 1, value.method === "controlnet" ? null : band, (next) => change(reference, ["strength"], next)).element]),
      labelled("Method", select("Method", terms.methods, value.method ?? "img2img", (next) => change(reference, ["method"], next)))));
  }
  for (const [place, control] of (controls?.value || []).entries()) {
    const name = `Control ${place + 1}`, put = (key) => (value) => change(controls, [place, key], value);
    let start, end;
    const hold = (key, mover, other) => (value) => {  // it never ends before it starts
      if (key === "start" ? value >= other().range.valueAsNumber : value <= other().range.valueAsNumber) {
        mover().range.value = key === "start" ? other().range.valueAsNumber - 0.05 : other().range.valueAsNumber + 0.05;
        mover().tell();
        value = rounded(mover().range.valueAsNumber);
      }
      put(key)(value);
    };
    start = strength("Start", control.start ?? 0, 1, null, hold("start", () => start, () => end));
    end = strength("End", control.end ?? 1, 1, null, hold("end", () => end, () => start));
    parts.push(make("fieldset", {}, make("legend", {}, name), ...scope(controls),
      labelled("Type", select(`Type of control ${place + 1}`, image.nets.map((net) => [net, net]), control.type, put("type"))),
      strength("Strength", control.strength ?? 1, 2, controlBand, put("strength")).element, start.element, end.element));
  }
  return parts.length ? make("section", { className: "strengths" }, make("h3", {}, "Strengths"),
    make("p", { className: "tally" }, "The lowest strength that achieves the pose."), ...parts) : null;
};
