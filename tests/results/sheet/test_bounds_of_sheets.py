"""What a hostile sheet may cost: a page that works without end, or grows without end, is refused with its place."""

from __future__ import annotations

import os
import resource
import time

import pytest

from calotype.results.sheet.pages import Pages
from conftest import Space

SHEETS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = b %}{% endfor %}{% endfor %}",
    "macros": "{% macro twice(n) %}{% if n %}{{ twice(n - 1) }}{{ twice(n - 1) }}{% endif %}{% endmacro %}{{ twice(40) }}",
    "doubling": "{% set ns = namespace(x='aaaa') %}{% for a in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    "adding": "{% set ns = namespace(x='aaaa') %}{% for a in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "times": "{{ 'a' * 2000000000 }}",
    "times a list": "{{ ([1] * 2000000000) | length }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "ljust": "{{ 'a'.ljust(2000000000) }}",
    "replace": "{% set x = 'a' * 9999 %}{{ x.replace('a', x) }}",
    "join": "{% set x = 'a' * 9999 %}{{ x.join(x) }}",
    "center": "{{ 'a' | center(2000000000) }}",
    "indent": "{{ 'a\nb' | indent(2000000000) }}",
    "format": "{{ '%2000000000d' | format(1) }}",
    "a format": "{{ '{:2000000000}'.format(1) }}",
    "an inner format": "{{ '{:{}}'.format(1, 2000000000) }}",
    "percent": "{{ '%2000000000d' % 1 }}",
    "words": "{{ lipsum(n=1000000) }}",
    "joined by a long text": "{{ range(9999) | join('a' * 99999) }}",
    "sums of lists": "{{ ([range(999) | list] * 999) | sum(start=[]) | length }}",
    "sorts": "{% for a in range(500) %}{% set x = range(9000) | list | sort(reverse=true) %}{% endfor %}",
    "lists of lists": "{% set a = [1] %}" + "{% set a = [a, a, a, a, a, a, a, a] %}" * 12 + "{{ a | string | length }}",
    "compares lists of lists":
        "{% set a = [1] %}{% set b = [1] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 30 + "{{ a == b }}",
    "itself": "{% include 'card.html.j2' %}{% include 'card.html.j2' %}",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("sheets"))
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write("specs/exercises/chin.yaml", "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                "  - {view_angle: lateral, body_position: standing, description: chin}\n")
    assert space.call("build").code == 0
    return space


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_without_end_is_refused(built: Space, sheet: str) -> None:
    built.write("templates/sheets/card.html.j2", SHEETS[sheet])
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = built.call("build", "--json")
    assert time.process_time() - began < 8
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
    assert done.code == 1, done.out
    (problem,) = [entry for entry in done.json["diagnostics"] if entry["severity"] == "error"]
    assert (problem["code"], problem["file"]) == ("sheet-template", "templates/sheets/card.html.j2") and problem["hint"]


@pytest.mark.parametrize("text", [
    "{{ none | dictsort }}", "{{ sheet.nothing.more }}", "{{ 'a'.join(5) }}", "{{ 1 / 0 }}", "{% for x in %}",
    "{% include 'none.html' %}", "{{ [] | first | upper }}",
])
def test_whatever_a_sheet_raises_is_told_at_its_line(built: Space, text: str) -> None:
    built.write("templates/sheets/card.html.j2", f"<p>\n{text}</p>\n")
    done = built.call("build", "--json")
    [problem] = done.json["diagnostics"]
    assert (done.code, problem["file"], problem["line"]) == (1, "templates/sheets/card.html.j2", 2)


def test_a_fault_of_the_program_is_not_blamed_on_an_author_s_sheet(
    built: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.write("templates/sheets/card.html.j2", "<p></p>\n")
    monkeypatch.setattr(Pages, "fragment", lambda *_: len(5))
    assert built.call("build", "--json").json["diagnostics"][0]["code"] == "bug"


@pytest.mark.parametrize("name", ["sheet.css", "card.html.j2", "parts/more.txt"])
def test_a_file_of_a_sheet_that_would_fill_the_memory_is_refused_by_every_command(built: Space, name: str) -> None:
    path = built.write(f"templates/sheets/{name}", "")
    os.truncate(path, (1 << 20) + 1)
    for command in ("validate", "plan", "check", "build"):
        done = built.call(command, "--json")
        [told] = done.json["diagnostics"]
        assert (done.code, told["code"], told["file"]) == (2, "too-large", f"templates/sheets/{name}"), command
    os.truncate(path, 1 << 20)
    assert built.call("validate").code == 0
    path.unlink()


def test_a_sheet_of_ones_own_that_does_its_work_is_shown(built: Space) -> None:
    built.write("templates/sheets/card.html.j2", "<p>{{ sheet.title | upper ~ '!' }} {{ '{:,}'.format(1234) }}"
                "{% for picture in shown %}{{ loop.index * 2 }}{{ picture.name | words }}{% endfor %}</p>")
    assert built.call("build").code == 0
    assert "<p>CHIN! 1,234201</p>" in built.read("build/index.html").replace("\n", "")
