"""With no cache, published assets and their manifest lines fill it again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.digest import sha256
from calotype.ground.images import digest_of
from calotype.language.action import Action, make, render_action
from calotype.results.publish.adopt import adopt, entries, png_mode
from calotype.results.publish.manifest import Candidate, Line, Pick, Upstream, from_bytes, to_bytes
from calotype.results.publish.provenance import encode
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas

REQUEST = {"renderer": "mannequin", "epoch": 1, "seed": 7, "size": [16, 8], "view": "lateral"}


def score(pixels: str) -> Action:
    return make("score", {"scorer": "technical", "epoch": 1, "pixels": pixels})


def published(root: Path, request: dict[str, object] = REQUEST) -> Line:
    """An asset on disk and its line: the second of two candidates was picked."""
    picture = Image.linear_gradient("L").resize((16, 8)).convert("RGB")
    key, pixels, lost = render_action(request).key, digest_of(picture), sha256(b"lost")
    data = encode(picture, request, key)
    (root / "content/images/scenes/a").mkdir(parents=True)
    (root / "content/images/scenes/a/b.png").write_bytes(data)
    return Line(
        target="scenes/a/b", path="content/images/scenes/a/b.png", sha256=sha256(data), pixels=pixels,
        size=(16, 8), action=key, request=request,
        candidates=(Candidate(sha256(b"first"), lost, 6, {"technical": 9.5}), Candidate(key, pixels, 7, {})),
        pick=Pick("score", 2),
        upstream=(Upstream("score", score(lost).key, "9.5"), Upstream("score", score(pixels).key, "71.25")),
        title="", alt="", tags=(), caption="", prompt="", renderer="mannequin", origin="rendered",
        spec="specs/a.yaml",
    )


def test_an_adopted_render_is_as_if_rendered(tmp_path: Path) -> None:
    line = from_bytes(to_bytes(published(tmp_path)))
    cas, cache = Cas(tmp_path / "cache"), ActionCache(tmp_path / "cache/actions")
    assert adopt([line], tmp_path, cas, cache) == [line]
    result = cache.get(line.action)
    assert result is not None
    assert result.outputs == {
        "blob": line.sha256, "pixels": line.pixels, "mode": "RGB", "width": 16, "height": 8,
    }
    assert result.facts == {"adopted": True}
    assert cas.get(line.sha256) == (tmp_path / line.path).read_bytes()
    assert cache.components(line.action) == render_action(REQUEST).components


def test_scores_come_back_even_of_candidates_whose_bytes_are_gone(tmp_path: Path) -> None:
    line = published(tmp_path)
    cas, cache = Cas(tmp_path / "cache"), ActionCache(tmp_path / "cache/actions")
    adopt([line], tmp_path, cas, cache)
    for candidate, total in zip(line.candidates, (9.5, 71.25), strict=True):
        result = cache.get(score(candidate.pixels).key)
        assert result is not None and result.outputs == {"output": repr(total)}
    assert cache.get(line.candidates[0].action) is None


def test_an_asset_that_is_not_the_one_of_the_line_is_passed_over(tmp_path: Path) -> None:
    line = published(tmp_path)
    cas, cache = Cas(tmp_path / "cache"), ActionCache(tmp_path / "cache/actions")
    (tmp_path / line.path).write_bytes(b"edited")
    assert adopt([line], tmp_path, cas, cache) == []
    (tmp_path / line.path).unlink()
    assert adopt([line], tmp_path, cas, cache) == []
    assert cache.get(line.action) is None


def test_a_request_that_does_not_give_the_key_fills_no_cache(tmp_path: Path) -> None:
    line = published(tmp_path)
    forged = dataclasses.replace(line, request={**REQUEST, "view": "anterior"})
    assert [kind for _, kind, *_ in entries(forged, "RGB")] == ["score", "score"]


def test_an_imported_picture_was_rendered_by_nobody(tmp_path: Path) -> None:
    imported = dataclasses.replace(published(tmp_path), origin="imported", upstream=())
    assert entries(imported, "RGB") == []


def test_what_no_judge_gives_is_left_out(tmp_path: Path) -> None:
    line = published(tmp_path)
    own = score(line.pixels).key
    odd = [("score", own, "none"), ("score", own, "nan"), ("score", own, "100.5"), ("score", own, "inf x"),
           ("identity", own, "1.5"), ("identity", own, ""), ("score", "no digest", "1.0")]
    for kind, key, text in odd:
        strange = dataclasses.replace(line, upstream=(Upstream(kind, key, text),))
        assert [kind for _, kind, *_ in entries(strange, "RGB")] == ["render"]
    for kind, text in [("score", "-"), ("score", "3.5 shows nothing"), ("identity", "-0.5/0.25")]:
        sound = dataclasses.replace(line, upstream=(Upstream(kind, own, text),))
        assert [kind for _, kind, *_ in entries(sound, "RGB")] == ["render", kind]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_the_mode_is_read_from_the_header(mode: str) -> None:
    assert png_mode(encode(Image.new(mode, (8, 8)), REQUEST, "k")) == mode
    assert png_mode(b"GIF89a") == ""
