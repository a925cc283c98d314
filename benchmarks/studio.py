"""`calotype studio`: from a save to the picture on the page, 200 clients, inbox, grid and editors; in Chromium.

    python benchmarks/studio.py --specs 2000 --rounds 10
    python benchmarks/studio.py --only clients
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine import CALOTYPE
from projects import calotype_project, name_of, plain_renderer

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
IDLE_SECONDS = 10.0
POSED = """kind: exercise
id: posed
region: neck
title: Posed
renderer: mannequin
images:
  - {{id: low, view_angle: lateral, body_position: standing, description: head bowed, size: [1024, 1024],
     pose: {{neck_flexion: {angle}}}}}
"""
CHOICES = """kind: exercise
id: choice_{number:03d}
region: choices
title: Choice {number}
seed: {seed}
images:
  - {{id: low, view_angle: lateral, body_position: standing, description: head bowed, candidates: 3, select: human}}
"""


class Studio:
    """A Studio of `root` at work: its address, its token, what it costs."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen([CALOTYPE, "studio", "--no-open", "--port", "0"], cwd=root, env=environment,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address, _, fragment = self.process.stdout.readline().strip().partition("#")
        self.token = fragment.removeprefix("token=")
        self.host, _, port = self.address.removeprefix("http://").rstrip("/").partition(":")
        self.port = int(port)

    def read(self, path: str) -> Any:
        connection = http.client.HTTPConnection(self.host, self.port)
        connection.request("GET", path)
        value = json.loads(connection.getresponse().read())
        connection.close()
        return value

    def write(self, connection: http.client.HTTPConnection, path: str, value: dict[str, Any]) -> int:
        connection.request("POST", path, json.dumps(value), {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def wait_for_build(self, number: int = 1) -> None:
        while self.builds < number:
            time.sleep(0.05)

    @property
    def processor_seconds(self) -> float:
        """Of both processes."""
        stats = [Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                 for process in (self.process.pid, *_children(self.process.pid))]
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Of the server and of the process that builds, together; what both hold of one file counts twice."""
        return sum(_megabytes(process) for process in (self.process.pid, *_children(self.process.pid)))

    @property
    def builds(self) -> int:
        return int(self.read("/api/state")["state"].get("builds", 0))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def _children(process: int) -> list[int]:
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


def _megabytes(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def page(studio: Studio, path: str) -> Iterator[Any]:
    """A page in Chromium."""
    from playwright.sync_api import sync_playwright

    import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        view = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        view.goto(f"{studio.address}{path}#token={studio.token}")
        view.locator(".chip[data-kind]").wait_for()
        yield view
        browser.close()


SEEN = """() => new Promise((resolve) => {
  const image = document.querySelector("figure > a.print img"), before = image.currentSrc;
  const look = async () => {
    const now = document.querySelector("figure > a.print img");
    if (now.src !== before) { await now.decode(); requestAnimationFrame(() => resolve(Date.now())); return; }
    setTimeout(look, 4);
  };
  look();
})"""


def save_to_picture(studio: Studio, root: Path, rounds: int) -> None:
    """Milliseconds from a save to the frame in which Chromium shows the new picture."""
    waits = []
    with page(studio, "build/exercises/posed.html") as view:
        for turn in range(rounds + 1):
            view.evaluate(f"() => {{ window.seen = ({SEEN})(); }}")
            saved = time.time()
            (root / "specs/exercises/neck/posed.yaml").write_text(POSED.format(angle=turn % 30 + 2))
            waits.append(view.evaluate("window.seen") - 1000 * saved)
            time.sleep(0.7)
    told("save -> picture of 1024 on the page", waits[1:], 600)


KEYED = """() => new Promise((resolve) => {
  const began = performance.now(), before = document.querySelector(".head code").textContent;
  const look = () => {
    const head = document.querySelector(".head code"), image = document.querySelector("#Stage li img");
    if (head && head.textContent !== before && image?.complete) resolve(performance.now() - began);
    else requestAnimationFrame(look);
  };
  dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true }));
  look();
})"""
SCROLLED = """() => new Promise((resolve) => {
  const frames = [];
  let before = performance.now(), left = 240;
  const step = (now) => {
    frames.push(now - before);
    before = now;
    scrollBy(0, 120);
    if (--left) requestAnimationFrame(step);
    else resolve(frames.slice(5));
  };
  requestAnimationFrame(step);
})"""
FILTERED = """(words) => {
  const box = document.getElementById("Search"), began = performance.now();
  box.value = words;
  box.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  return performance.now() - began;
}"""
FILTERS = ("region:region_03", "exercise 77", "tag:posture lateral", "number 4", "state:awaiting")


def inbox(studio: Studio, rounds: int) -> None:
    """Milliseconds from a key to the next picture shown."""
    waits = []
    with page(studio, "inbox") as view:
        view.locator("#Stage li.chosen").wait_for()
        time.sleep(1)
        for _ in range(rounds + 1):
            waits.append(view.evaluate(KEYED))
            time.sleep(1.2)
    told("inbox: key -> next picture", waits[1:], 50)


def grid(studio: Studio) -> None:
    """Milliseconds of a frame while the grid is scrolled, and until a search is shown."""
    with page(studio, "build/index.html") as view:
        view.locator("#Search").fill("exercise")
        view.locator(".hit").first.wait_for(timeout=60_000)
        for _ in range(20):
            more = view.locator(".more-hits")
            if not more.is_visible():
                break
            more.click()
        frames = view.evaluate(SCROLLED)
        told(f"a frame, {view.locator('.hit').count()} hits scrolled", frames, 33, worst=0.95)
        told("a filter over all", [view.evaluate(FILTERED, words) for words in FILTERS], 50)


WRITERS, WRITES_A_SECOND = 10, 50


def clients(studio: Studio, seconds: float) -> None:
    """200 streams that listen, and 50 decisions a second by ten writers, while builds run."""
    host, port = studio.host, str(studio.port)
    listeners = subprocess.Popen([sys.executable, str(Path(__file__).with_name("studio_listeners.py")), host, port],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert listeners.stdin is not None and listeners.stdout is not None
    listeners.stdout.readline()
    waiting = [item["target"] for item in studio.read("/api/inbox")["waiting"]]
    builds, memory, done = studio.builds, [studio.megabytes], list[tuple[float, float, int]]()
    start = time.time()
    threads = [threading.Thread(target=_writes, args=(studio, waiting[number::WRITERS], start, number, seconds, done))
               for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        memory.append(studio.megabytes)
    last = max(answered for answered, _, _ in done)
    taken, refused = [wait for _, wait, status in done if status < 300], sum(status >= 300 for _, _, status in done)
    print(f"  {len(done) / (last - start):.0f} writes a second of {WRITES_A_SECOND}, {len(taken)} taken, {refused}"
          f" refused, {studio.builds - builds} builds meanwhile")
    told("a write, 200 clients listening", taken, 100, worst=0.99)
    time.sleep(3)
    listeners.stdin.close()
    heard = [[(moment, number) for moment, number in news] for news in json.loads(listeners.stdout.read())]
    newest = studio.builds
    behind = [next((1000 * (moment - last) for moment, number in news if number >= newest), math.inf) for news in heard]
    told("the last build's end at every page, after the last write", behind, 300, worst=0.995)
    pauses = [1000 * (after - before) for news in heard for (before, _), (after, _) in pairwise(news) if after < last]
    told("from news to news while all write", pauses, 300, worst=0.99)
    parts = " ".join(f"{part:.0f}" for part in memory[::max(1, len(memory) // 10)])
    print(f"  memory of both processes {memory[0]:.0f} MB; in ten parts of the time {parts} MB")


def _writes(studio: Studio, targets: list[str], start: float, number: int, seconds: float,
            done: list[tuple[float, float, int]]) -> None:
    """One writer: picks its targets one after the other, takes that back, and so on; each write when it is due, however
    long the one before took."""
    connection, turn = http.client.HTTPConnection(studio.host, studio.port), 0
    while (due := start + (turn * WRITERS + number) / WRITES_A_SECOND) < start + seconds:
        time.sleep(max(0.0, due - time.time()))
        target, again = targets[turn % len(targets)], turn // len(targets)
        path, value = ("/api/undo", {"decision": "pick", "target": target}) if again % 2 else (
            "/api/decisions", {"decision": "pick", "target": target, "candidate": str(again // 2 % 3 + 1)})
        began = time.perf_counter()
        status = studio.write(connection, path, value)
        done.append((time.time(), 1000 * (time.perf_counter() - began), status))
        turn += 1


MOVED = """async (value) => {
  performance.clearMarks("pose-drawn");
  const slider = document.querySelector(".pose-pane input[type=range][aria-label^='Left knee flexion']");
  const started = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  while (!performance.getEntriesByName("pose-drawn").length) await new Promise((resolve) => setTimeout(resolve, 1));
  await document.querySelector(".pose-pane .figure").decode();
  return performance.now() - started;
}"""


def editors(studio: Studio, root: Path, rounds: int) -> None:
    """A text checked as it is typed; a figure drawn over HTTP, and from a slider's move to the figure in Chromium."""
    file = "specs/exercises/neck/posed.yaml"
    text, connection = (root / file).read_text(), http.client.HTTPConnection(studio.host, studio.port)
    checks, drawings = [], []
    for number in range(3 * rounds):
        started = time.perf_counter()
        assert studio.write(connection, "/api/validation", {"path": file, "text": f"{text}# {number}\n"}) == 200
        checks.append(1000 * (time.perf_counter() - started))
        pose = {"base": "seated", "neck_flexion": number, "left": {"shoulder_flexion": 40}}
        started = time.perf_counter()
        assert studio.write(connection, "/api/pose/drawing", {"pose": pose, "size": [512, 512]}) == 200
        drawings.append(1000 * (time.perf_counter() - started))
    connection.close()
    told("a spec checked as it is typed", checks[1:], 150)
    told("a figure of 512 x 512 over HTTP", drawings[1:], 100)
    with page(studio, "build/exercises/posed.html") as view:
        view.get_by_role("button", name="Edit the pose of exercises/posed/low").click()
        view.locator(".joint-group summary", has_text="Knee").click()
        view.wait_for_timeout(1500)
        moves = [view.evaluate(MOVED, 20 + number) for number in range(3 * rounds)]
        told("a slider moved -> its figure in Chromium", moves, 100)


def told(name: str, values: list[float], reach: float, worst: float = 0.5) -> None:
    """One line: the median, or another quantile, beside the reach."""
    ordered = sorted(values)
    value = statistics.median(ordered) if worst == 0.5 else ordered[min(int(len(ordered) * worst), len(ordered) - 1)]
    which = "" if worst == 0.5 else f" (p{100 * worst:.0f})"
    print(f"  {name + which:<48} {value:7.1f} ms, best {ordered[0]:.1f}, worst {ordered[-1]:.1f}; reach {reach:.0f} ms",
          flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", choices=("save", "inbox", "grid", "edit", "clients", "idle"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = plain_renderer(Path(folder) / "plugin")
        root = calotype_project(Path(folder) / "project", asked.specs)
        for region, text in (("neck", POSED.format(angle=1)), *(
                ("choices", CHOICES.format(number=number, seed=number)) for number in range(50))):
            (root / "specs/exercises" / region).mkdir(exist_ok=True)
            name = text.split("\n", 2)[1].partition(": ")[2]
            (root / f"specs/exercises/{region}/{name}.yaml").write_text(text)
        subprocess.run([CALOTYPE, "build", "-q"], cwd=root, env=environment, check=False)
        studio = Studio(root, environment)
        print(f"{asked.specs} specs, {3 * asked.specs + 51} images; first {name_of(0)[1]}")
        try:
            studio.wait_for_build()
            time.sleep(2)
            if asked.only in (None, "idle"):
                before = studio.processor_seconds
                time.sleep(IDLE_SECONDS)
                print(f"  idle: {studio.processor_seconds - before:.2f} s of processor time in {IDLE_SECONDS:.0f} s, "
                      f"{studio.megabytes:.0f} MB; reach 0 and 150 MB")
            if asked.only in (None, "save"):
                save_to_picture(studio, root, asked.rounds)
            if asked.only in (None, "grid"):
                grid(studio)
            if asked.only in (None, "inbox"):
                inbox(studio, asked.rounds)
            if asked.only in (None, "edit"):
                editors(studio, root, asked.rounds)
            if asked.only in (None, "clients"):
                clients(studio, asked.seconds)
        finally:
            studio.stop()


if __name__ == "__main__":
    main()
