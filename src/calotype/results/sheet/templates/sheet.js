/* What a page of contact sheets does beyond being read: search, a closer look, before and after, dark and light.
   Every page says all it has to say without this script. Text from specs is only ever set as text. */
"use strict";

(() => {
  const base = document.documentElement.dataset.base;
  const page = document.getElementById("Page");

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key in element) element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  /* Dark and light: as the system has it, until somebody chooses. */
  const theme = {
    button: document.querySelector(".theme"),
    start() {
      try { this.set(localStorage.getItem("calotype-theme")); } catch { /* no storage: as the system has it */ }
      this.button.hidden = false;
      this.button.addEventListener("click", () => this.toggle());
    },
    set(name) {
      if (name === "dark" || name === "light") document.documentElement.dataset.theme = name;
    },
    toggle() {
      const now = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      this.set(now === "dark" ? "light" : "dark");
      try { localStorage.setItem("calotype-theme", document.documentElement.dataset.theme); } catch { /* for this page only */ }
    },
  };

  /* Search: over what lies in data/, read when somebody is about to search. */
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const AT_ONCE = 60;

  /* How many letters lie between two words (Levenshtein 1966); above `most` it may be any number above it. */
  const distance = (one, other, most) => {
    if (Math.abs(one.length - other.length) > most) return most + 1;
    let row = Array.from({ length: other.length + 1 }, (_, place) => place);
    for (let i = 1; i <= one.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= other.length; j += 1) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
      if (Math.min(...next) > most) return most + 1;
      row = next;
    }
    return row[other.length];
  };

  const search = {
    box: document.getElementById("Search"),
    found: document.getElementById("Found"),
    items: [],
    waiting: null,
    hits: [],
    shown: 0,

    start() {
      this.box.form.hidden = false;
      this.box.addEventListener("focus", () => this.read());
      this.box.addEventListener("input", () => this.run());
      this.box.form.addEventListener("submit", (event) => {
        event.preventDefault();
        const first = this.found.querySelector("a.hit");
        if (first) first.focus();
      });
      addEventListener("hashchange", () => this.fromAddress());
      this.fromAddress();
    },

    fromAddress() {
      if (!location.hash.startsWith("#q=")) {
        this.leave();
        return;
      }
      let query = location.hash.slice(3);
      try { query = decodeURIComponent(query); } catch { /* typed by hand: taken as it is */ }
      if (query === this.box.value) return;
      this.box.value = query;
      this.read();
      this.run();
    },

    /* The address says something else than a search: the page is shown, and the place in it. */
    leave() {
      if (this.box.value === "") return;
      this.box.value = "";
      this.found.hidden = true;
      page.hidden = false;
      document.getElementById(location.hash.slice(1))?.scrollIntoView();
    },

    read() {
      if (this.waiting !== null) return;
      this.waiting = 1;
      this.script(`data/shards.js?t=${Date.now()}`);
    },

    script(address) {
      const done = () => {
        this.waiting -= 1;
        if (this.waiting === 0) this.run();
      };
      document.head.append(make("script", { src: base + address, onload: done, onerror: done }));
    },

    readShards(names) {
      this.waiting += names.length;
      for (const name of names) this.script(`data/${name}`);
    },

    add(specs) {
      for (const [key, title, region, tags, uses, pictures] of specs) {
        const words = fold([title, key, region.replaceAll("_", " "), tags.join(" ")].join(" "));
        const spec = { key, title, region, tags, uses, words };
        for (const [anchor, name, caption, alt, state, address] of pictures) {
          const all = `${words} ${fold([anchor, name, caption, alt].join(" "))}`;
          this.items.push({ spec, anchor, name, caption, alt, state, address, words: all });
        }
      }
    },

    run() {
      const query = this.box.value.trim();
      page.hidden = query !== "";
      this.found.hidden = query === "";
      const address = query === "" ? location.pathname + location.search : `#q=${encodeURIComponent(query)}`;
      if (query !== "" || location.hash.startsWith("#q=")) history.replaceState(null, "", address);
      if (query === "") return;
      if (this.waiting !== 0) {
        this.say("Reading …");
        return;
      }
      performance.mark("search-from");
      this.hits = this.match(query);
      this.show();
      performance.measure("search", "search-from");
    },

    /* The parts of a query, each with what it asks of an image, as it was typed, and what it looks for. */
    parse(query) {
      const parts = /(?:(\w+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;  // a word, or "words together"; after kind: perhaps
      return [...query.matchAll(parts)].map(([typed, kind, quoted, word]) => {
        const value = quoted === undefined ? word : quoted.replaceAll(/\\(.)/g, "$1");
        const right = kind && this.filters[kind];
        if (right) return { typed, kind, value, test: (item) => right(item, value) };
        const text = fold(kind ? `${kind}:${value}` : value);
        return { typed, kind: "", value: text, test: (item) => item.words.includes(text) };
      });
    },

    match(query) {
      const parts = this.parse(query), tests = parts.map((part) => part.test);
      const first = parts.find((part) => !part.kind)?.value || "";
      const ranked = [[], [], []];  // titles that begin with the first word, specs that have it, images that have it
      for (const item of this.items) {
        if (!tests.every((test) => test(item))) continue;
        const at = first === "" ? 0 : item.spec.words.indexOf(first);
        ranked[at === 0 ? 0 : at > 0 ? 1 : 2].push(item);
      }
      return ranked.flat();
    },

    filters: {
      kind: (item, value) => item.spec.key.startsWith(`${value}/`),
      region: (item, value) => item.spec.region === value,
      tag: (item, value) => item.spec.tags.includes(value),
      state: (item, value) => item.state === value,
      uses: (item, value) => item.spec.uses.some((one) => one === value || one.endsWith(`/${value}`)),
    },

    show() {
      const specs = new Set(this.hits.map((item) => item.spec)).size;
      const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
      this.say(this.hits.length === 0 ? "No image has all of these words." : `${count(this.hits.length, "image")} of ${count(specs, "spec")}`);
      this.grid.replaceChildren();
      this.advice.replaceChildren();
      clearTimeout(this.advising);
      if (this.hits.length === 0) this.advising = setTimeout(() => this.advise(), 200);  // not while somebody types
      this.shown = 0;
      this.showMore();
    },

    /* The words stay in one element, so that those who listen are told when they change. */
    say(words) {
      if (!this.status) {
        this.status = make("p", { className: "tally", role: "status" });
        this.grid = make("div", { className: "hits" });
        this.advice = make("div", { className: "advice" });
        this.more = make("button", { className: "more-hits", type: "button", hidden: true, onclick: () => this.showMore() }, "Show more");
        this.found.append(make("h1", {}, "Found"), this.status, this.advice, this.grid, this.more);
      }
      this.status.textContent = words;
    },

    /* Where nothing has all of it: how many images have each part, and what was perhaps meant. */
    advise() {
      const parts = this.parse(this.box.value.trim()).slice(0, 8);
      const rows = parts.map((part) => {
        const many = this.items.filter(part.test).length;
        const near = many === 0 ? this.near(part) : [];
        const count = many === 1 ? "1 image" : `${many.toLocaleString("en")} images`;
        const words = many === 0 ? "in no image" : parts.length > 1 ? `${count} without the rest` : count;
        return make("li", {}, many === 0 ? make("b", {}, part.typed) : this.instead(part.typed, part.typed), ` ${words}`,
          ...(near.length ? ["; there is ", ...near.flatMap((each, place) => [place ? ", " : "", this.instead(each, parts.map((other) => other === part ? each : other.typed).join(" "))])] : []));
      });
      this.advice.replaceChildren(make("ul", {}, ...rows), make("p", { className: "tally" }, "Words are looked for in titles, captions, alt texts and ids; ",
        make("code", {}, "kind:"), ", ", make("code", {}, "region:"), ", ", make("code", {}, "tag:"), ", ", make("code", {}, "state:"), " and ", make("code", {}, "uses:"),
        " narrow them; ", make("code", {}, "\"several words\""), " stand together."));
    },

    instead(words, query) {
      return make("a", { href: `#q=${encodeURIComponent(query)}` }, words);
    },

    /* Up to five of what there is that looks like a part of a query; of a filter, whatever there is. */
    near({ kind, value }) {
      const known = new Set();
      for (const { spec, state, words } of this.items) {
        if (kind === "kind") known.add(spec.key.split("/")[0]);
        else if (kind === "region") known.add(spec.region);
        else if (kind === "tag") spec.tags.forEach((tag) => known.add(tag));
        else if (kind === "state") known.add(state);
        else if (kind === "uses") spec.uses.forEach((used) => known.add(used));
        else words.split(/[^\p{L}\p{N}]+/u).forEach((word) => known.add(word));
      }
      known.delete("");
      const most = kind ? Infinity : Math.max(1, Math.floor(value.length / 3));
      const ranked = [...known].map((word) => [distance(fold(word), fold(value), most), word]).filter(([far]) => far <= most);
      ranked.sort(([far, one], [further, other]) => far - further || one.localeCompare(other));
      return ranked.slice(0, 5).map(([, word]) => kind ? `${kind}:${/^\w+$/.test(word) ? word : JSON.stringify(word)}` : word);
    },

    showMore() {
      const next = this.hits.slice(this.shown, this.shown + AT_ONCE);
      this.grid.append(...next.map((item) => this.card(item)));
      this.shown += next.length;
      this.more.hidden = this.shown >= this.hits.length;
    },

    card(item) {
      const print = make("span", { className: "print" });
      if (item.address) {
        print.append(make("img", { src: base + item.address, alt: item.alt, loading: "lazy", decoding: "async" }));
      }
      if (item.state) print.append(make("span", { className: `badge ${item.state}` }, item.state.replaceAll("_", " ")));
      const about = item.caption || item.name || item.anchor.replaceAll(/[-_]/g, " ");
      const label = make("span", { className: "label" }, make("b", {}, item.spec.title), make("small", {}, about));
      return make("a", { className: "hit", href: `${base}${item.spec.key}.html#${item.anchor}` }, print, label);
    },
  };

  /* A closer look: one image as large as the window, or larger, and the one beside it. */
  const zoom = {
    links: [],
    at: 0,

    start() {
      document.addEventListener("click", (event) => {
        const link = event.target.closest?.("a.print");
        if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.lookAt(link);
      });
    },

    lookAt(link) {
      this.links = [...document.querySelectorAll("a.print")].filter((each) => each.checkVisibility());
      this.open(this.links.indexOf(link));
    },

    build() {
      const button = (label, sign, act) => make("button", { type: "button", "aria-label": label, onclick: act }, sign);
      this.image = make("img", { alt: "", onclick: () => this.scale(this.large ? 0 : 1) });
      this.frame = make("div", { className: "frame", tabIndex: 0, role: "group", "aria-label": "Image" }, this.image);
      this.words = make("p", { role: "status" });
      this.dialog = make("dialog", { className: "zoom", "aria-label": "A closer look" }, this.frame,
        make("div", { className: "bar" }, button("Image before", "←", () => this.step(-1)), button("Next image", "→", () => this.step(1)),
          this.words, button("Smaller", "−", () => this.scale(-1)), button("Larger", "+", () => this.scale(1)),
          button("Close", "✕", () => this.dialog.close())));
      this.dialog.addEventListener("keydown", (event) => this.key(event));
      this.dialog.addEventListener("close", () => this.links[this.at].focus());
      document.body.append(this.dialog);
    },

    open(at) {
      if (!this.dialog) this.build();
      this.show(at);
      this.dialog.showModal();
      this.frame.focus();
    },

    show(at) {
      this.at = (at + this.links.length) % this.links.length;
      const shown = this.links[this.at].querySelector("img");
      this.image.src = this.links[this.at].href;
      this.image.alt = shown.alt;
      const figure = this.links[this.at].closest("figure");
      const told = figure && figure.querySelector(".caption").textContent;
      const badge = figure && figure.querySelector(".badge.preview");
      const which = badge ? `${badge.textContent} · ` : "";
      this.words.textContent = `${this.at + 1} of ${this.links.length} · ${which}${told || shown.alt}`;
      this.scale(0);
    },

    step(by) {
      this.show(this.at + by);
    },

    /* 0 fits the window; above, each step is half as large again as the one before, beginning with one pixel for one. */
    scale(by) {
      this.large = by === 0 ? 0 : Math.max(0, this.large + by);
      this.frame.classList.toggle("large", this.large > 0);
      const natural = this.image.naturalWidth || Number(this.links[this.at].querySelector("img").width);
      this.image.style.setProperty("--wide", `${Math.round(natural * 1.5 ** (this.large - 1))}px`);
    },

    key(event) {
      const act = {
        ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), "+": () => this.scale(1), "=": () => this.scale(1),
        "-": () => this.scale(-1), 0: () => this.scale(0),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || (this.large > 0 && event.key.startsWith("Arrow"))) return;
      event.preventDefault();
      act();
    },
  };

  /* Before and after, one over the other; side by side where one of them is no longer there. */
  const slide = (compare) => {
    const images = [...compare.querySelectorAll("img")];
    const isLost = (image) => image.complete && image.currentSrc && image.naturalWidth === 0;
    if (images.length < 2 || images.some(isLost)) return;
    for (const image of images) image.addEventListener("error", () => unslide(compare), { once: true });
    compare.classList.add("slider");
    const range = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "How much of the picture before is shown, in percent" });
    range.addEventListener("input", () => compare.style.setProperty("--at", `${range.value}%`));
    compare.append(range);
  };

  const unslide = (compare) => {
    compare.classList.remove("slider");
    compare.querySelector(":scope > input")?.remove();
  };

  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
    if (!search.box) return;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.box.focus();
      search.box.select();
    } else if (event.key === "Escape" && event.target === search.box) {
      search.box.value = "";
      search.run();
      search.box.blur();
    }
  });

  const slideAll = () => document.querySelectorAll(".compare:not(.slider, .apart)").forEach(slide);
  window.calotype = { read: (names) => search.readShards(names), add: (specs) => search.add(specs), slideAll, lookAt: (link) => zoom.lookAt(link) };
  slideAll();
  if (theme.button) theme.start();
  if (search.box) search.start();  // a page that stands alone has nothing to search
  zoom.start();
  document.querySelectorAll(".keys").forEach((keys) => { keys.hidden = false; });
})();
