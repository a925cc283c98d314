/* Two pictures held against each other: one over the other with a slider, or side by side; zoomed and moved together. */
import { make } from "/studio/dom.js";

const STEP = 1.25, MOST = 16;
const SHOWN = ["calotype:renewed", "calotype:shown"];

class Compare {
  constructor(pictures, names) {
    this.scale = 1;
    this.left = this.top = 0;
    this.images = pictures.map((source, place) => make("img", { src: source, alt: names[place], draggable: false }));
    this.panes = this.images.map((image, place) => make("figure", {}, make("div", { className: "pane" }, image), make("figcaption", {}, names[place])));
    this.range = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": `How much of ${names[0]} is shown, in percent` });
    this.range.addEventListener("input", () => this.stage.style.setProperty("--at", `${this.range.value}%`));
    this.stage = make("div", { className: "stage over", tabIndex: 0, role: "group", "aria-label": "Pictures; + and - zoom, arrows move" }, ...this.panes);
    const button = (words, act, label) => make("button", { type: "button", onclick: act, "aria-label": label || words }, words);
    this.mode = button("Side by side", () => this.toggle());
    this.dialog = make("dialog", { className: "comparison", "aria-label": `${names[0]} and ${names[1]}` },
      make("div", { className: "row" }, this.mode, button("−", () => this.zoom(1 / STEP), "Smaller"), button("+", () => this.zoom(STEP), "Larger"),
        button("Fit", () => this.fit()), this.range, button("Close", () => this.dialog.close())), this.stage);
    this.newer = make("p", { className: "tally", role: "status" });
    this.dialog.append(this.newer);
    const look = () => this.lookForNewer(pictures);
    for (const shown of SHOWN) document.addEventListener(shown, look);
    this.dialog.addEventListener("close", () => {
      for (const shown of SHOWN) document.removeEventListener(shown, look);
      this.dialog.remove();
    });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY < 0 ? STEP : 1 / STEP); }, { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.stage.focus();
  }

  /* The page was renewed below: what is compared may not stand there any more. */
  lookForNewer(pictures) {
    const there = new Set([...document.querySelectorAll("#Page a.print, #Stage a.print")].map((link) => link.href));
    this.newer.textContent = pictures.every((picture) => there.has(picture)) ? "" : "There is a newer picture by now: close this, and compare again to see it.";
  }

  toggle() {
    const over = this.stage.classList.toggle("over");
    this.mode.textContent = over ? "Side by side" : "One over the other";
    this.mode.setAttribute("aria-label", this.mode.textContent);
    this.range.hidden = !over;
  }

  zoom(by) {
    this.scale = Math.min(Math.max(this.scale * by, 1), MOST);
    this.place();
  }

  fit() {
    this.scale = 1;
    this.left = this.top = 0;
    this.place();
  }

  move(left, top) {
    this.left += left / this.scale;
    this.top += top / this.scale;
    this.place();
  }

  place() {
    const most = 50 * (1 - 1 / this.scale);
    this.left = Math.min(Math.max(this.left, -most), most);
    this.top = Math.min(Math.max(this.top, -most), most);
    for (const image of this.images) {
      image.style.setProperty("transform", `scale(${this.scale}) translate(${this.left}%, ${this.top}%)`);
    }
  }

  drag(event) {
    const { width, height } = this.images[0].parentElement.getBoundingClientRect();
    const follow = (moved) => this.move(100 * moved.movementX / width, 100 * moved.movementY / height);
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", follow);
    this.stage.addEventListener("pointerup", () => this.stage.removeEventListener("pointermove", follow), { once: true });
  }

  key(event) {
    const act = {
      "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP), 0: () => this.fit(), c: () => this.toggle(),
      ArrowLeft: () => this.move(5, 0), ArrowRight: () => this.move(-5, 0), ArrowUp: () => this.move(0, 5), ArrowDown: () => this.move(0, -5),
    }[event.key];
    event.stopPropagation();
    if (!act || event.target === this.range) return;
    event.preventDefault();
    act();
  }
}

/* Opens the comparison of two pictures, by their addresses, with what each is called. */
export const compare = (pictures, names) => new Compare(pictures, names);
