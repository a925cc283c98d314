"""Schemas: what each kind of file may hold, and what an author is told of a slip."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.target_names import DOCUMENT_KINDS
from calotype.language.pose.terms import JOINTS
from calotype.language.schema.validate import check, json_schema, spec_kind
from calotype.language.spec import SETTINGS
from calotype.language.yaml.document import parse

FULL: dict[str, dict[str, Any]] = {
    kind: yaml.safe_load(text)
    for kind, text in {
        "exercise": """
            kind: exercise
            id: chin_tuck
            region: neck
            title: Chin tuck
            description: for people
            tags: [posture]
            dosage: {sets: 3, repetitions: 8-12, hold: 2.5, rest: 2 minutes, per_day: 2, load: 0.5}
            precautions: [Stop if you feel dizzy.]
            equipment: a chair
            prompt: calm
            seed: 4294967295
            size: [1024, 768]
            preset: draft
            renderer: mannequin
            style: medical
            images:
              - view_angle: lateral
                body_position: seated
                description: neutral cervical spine alignment
                muscles_shown: [suboccipital muscles]
                joints_shown: [cervical spine]
                pose: {base: seated, neck_flexion: 10, left: {knee_flexion: 45.5}}
                id: a
                alt: a figure
                caption: seen from the side
              - {pose: reach, drawing: mesh, side: left, candidates: 1000, select: human, negative_prompt: hats}
              - {characters: [mannequin], loras: [{name: luca, weight: 0.85}], controls: [{type: openpose, from: pose}]}
              - {reference: {image: refs/a.png, strength: 1, method: both}, background: white, title: a, prompt: b}
              - {controls: [{type: depth, image: refs/x.png, strength: 0.5, start: 0, end: 0.8}]}
        """,
        "character": """
            kind: character
            id: mannequin
            prompt: orange anatomical mannequin
            loras: [{name: luca, weight: 0.85}]
            references: [refs/face_1.png, refs/face_2.npy]
            identity: {method: arcface, threshold: 0.65}
            anchors: {candidates: 10, select: human, poses: [{id: hanging, prompt: x, pose: {base: hanging}}]}
            variations: [{id: pullup_top, anchor: auto, prompt: y, strength: 0.5, count: 3, view_angle: oblique}]
            training_set: {trigger_word: fitmannequin, min: 20, max: 30, include_anchors: true}
        """,
        "scene": """
            kind: scene
            id: coffee
            characters: [mannequin]
            chain: true
            background: kitchen
            reference: {image: refs/first.png, strength: 0.6, method: img2img}
            enhance: {iterations: 4, threshold: 85}
            shots: [{id: reach, prompt: z, background: portorosso, candidates: 4}]
        """,
        "pose": """
            base: standing
            left: {shoulder_flexion: 90, neck_rotation: 20}
            contacts: {left_hand: table, feet: none}
            props: [mug]
            arrows: [{of: right_hand, path: circle, size: 20}]
            arcs: [left_knee_flexion]
        """,
        "config": """
            version: 1
            renderer: mannequin
            style: medical
            drawing: line
            base_seed: 42
            defaults: {preset: standard, candidates: 1, select: best}
            presets: {draft: {size: [1024, 1024], steps: 20, guidance_scale: 7.0, scheduler: Euler, refiner: false}}
            models: {base: org/name, revision: abc, vae: org/vae, refiner: a/b, dtype: float16, device: auto}
            loras: {luca: {path: loras/luca.safetensors, weight: 0.8, trigger_words: [luca, boy]}}
            controlnets: {openpose: {model: org/name, strength: 1.0}}
            scoring: {weights: {pick: 0.5, clip: 0.25}, threshold: 30}
            output: {format: png}
            cache: {dir: cache, remote: null}
        """,
        "picks": f"""
            version: 1
            decisions: [{{target: exercises/a/01, action: {"a" * 64}, pixels: {"b" * 64}, decision: pick, reason: x}}]
        """,
    }.items()
}


def found(kind: str, text: str) -> list[Diagnostic]:
    return check(parse(text.encode(), "spec.yaml"), kind)


def exercise(images: str = "[{}]", more: str = "") -> str:
    return f"kind: exercise\nid: a\nregion: b\n{more}images: {images}\n"


def only(diagnostics: list[Diagnostic]) -> Diagnostic:
    assert len(diagnostics) == 1, diagnostics
    return diagnostics[0]


@pytest.mark.parametrize("kind", DOCUMENT_KINDS)
def test_every_schema_is_a_schema_complete_in_itself(kind: str):
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:calotype:schema:{kind}:1" and schema["title"]
    assert "$include" not in json.dumps(schema)


@pytest.mark.parametrize("kind", DOCUMENT_KINDS)
def test_every_property_says_what_it_is(kind: str):
    schema = json_schema(kind)

    def walk(node: Any, path: str) -> list[str]:
        if isinstance(node, list):
            return [one for item in node for one in walk(item, path)]
        if not isinstance(node, dict):
            return []
        silent = [
            f"{path}.{name}"
            for name, rule in node.get("properties", {}).items()
            if "description" not in rule and "description" not in resolved(rule) and path != "contacts"
        ]
        return silent + [one for key, item in node.items() for one in walk(item, key)]

    def resolved(rule: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = schema["$defs"].get(rule.get("$ref", "").rpartition("/")[2], {})
        return found

    assert not walk(schema, kind)


@pytest.mark.parametrize("kind", DOCUMENT_KINDS)
def test_all_that_the_design_names_is_allowed(kind: str):
    assert found(kind, yaml.safe_dump(FULL[kind])) == []


def test_every_joint_of_the_vocabulary_may_stand_in_a_pose():
    for name, joint in JOINTS.items():
        angle = f"{{{name}: {joint.possible[1]}}}"
        assert found("pose", f"left: {angle}" if joint.sided else angle) == [], name


def test_settings_may_stand_on_images_on_specs_and_in_the_defaults():
    places = [
        json_schema("exercise")["properties"],
        json_schema("exercise")["$defs"]["image"]["properties"],
        json_schema("character")["properties"]["anchors"]["properties"],
        json_schema("character")["$defs"]["variation"]["properties"],
        json_schema("scene")["$defs"]["shot"]["properties"],
        json_schema("config")["properties"]["defaults"]["properties"],
    ]
    assert all(set(SETTINGS) <= set(place) for place in places)


@pytest.mark.parametrize(
    ("line", "where", "message", "hint"),
    [
        ("id: yes", (2, 5), "`id` wants text; this is a boolean `yes`", 'quote it: "yes"'),
        ("id: 12", (2, 5), "`id` wants text; this is a number `12`", 'quote it: "12"'),
        ("id: con", (2, 5), "`id` is `con`, a name that Windows reserves", "take another"),
        ("id: Chin Tuck", (2, 5), "`id` is `Chin Tuck`, which is not an id", "write `chin_tuck`: "),
        ("id: ../../etc", (2, 5), "`id` is `../../etc`, which is not an id", "write `etc`: "),
        (f"id: {'a' * 65}", (2, 5), "which is not an id", "64 characters at most"),
        ("titel: x", (2, 1), "unknown key `titel` in an exercise", "did you mean `title`?"),
        ("colour: x", (2, 1), "unknown key `colour` in an exercise", "it may hold kind, id, region"),
        ("tags: posture", (2, 7), "`tags` wants a list; this is text `posture`", "write a list: [posture]"),
        ("seed: -1", (2, 7), "`seed` is `-1`; it must be 0 to 4294967295", "The seed of the first candidate"),
        ("seed: 4294967296", (2, 7), "it must be 0 to 4294967295", "The seed"),
        ("seed: 1.5", (2, 7), "`seed` wants a whole number; this is a number `1.5`", "write 2"),
        ('seed: "7"', (2, 7), "`seed` wants a whole number; this is text `7`", "take the quotes off"),
        ("seed:", (2, 6), "`seed` has no value; it wants a whole number", "give it a value"),
        ("size: 1024", (2, 7), "`size` wants a list; this is a number `1024`", "[width, height], such as [1024, 1024]"),
        ("size: [1024, 1023]", (2, 14), "an item of `size` is `1023`; it must be a multiple of 8", "1016 or 1024"),
        ("size: [8, 16]", (2, 8), "an item of `size` is `8`; it must be 16 to 8192", None),
        ("size: [16, 16, 16]", (2, 7), "`size` holds 3; it wants just 2", "[width, height]"),
        ("candidates: 0", (2, 13), "`candidates` is `0`; it must be 1 to 1000", "How many"),
        ("select: no", (2, 9), "`select` is a boolean; it may be best, first or human", 'quote it: "no"'),
        ("drawing: lines", (2, 10), "`drawing` is `lines`; it may be line or mesh", "did you mean `line`?"),
        ("loras: [luca]", (2, 9), "an item of `loras` wants a mapping; this is text `luca`", "write {name: luca}"),
        ("loras: [{name: a, wieght: 1}]", (2, 19), "unknown key `wieght` in a LoRA", "did you mean `weight`?"),
        ("reference: refs/a.png", (2, 12), "`reference` wants a mapping; this is text `refs/a.png`", "write {image: refs/a.png}"),
        ("reference: {image: a, hips pushed forward}", (2, 23), "unknown key `hips pushed forward`", "a comma ends a value"),
        ("reference: {image: ../a.png}", (2, 20), "`../a.png`, which is not a path in the project", "stays inside"),
        ("reference: {image: /a.png}", (2, 20), "which is not a path in the project", "stays inside"),
        ("reference: {image: 'C:/a.png'}", (2, 20), "which is not a path in the project", "stays inside"),
        ("reference: {image: a/../../b}", (2, 20), "which is not a path in the project", "stays inside"),
        ("reference: {strength: 2}", (2, 23), "`strength` is `2`; it must be 0 to 1", "How far"),
        ("characters: [a, b, a]", (2, 20), "`characters` holds `a` twice", "keep one"),
        ("pose: 7", (2, 7), "`pose` is a number; it wants a pose", "Joint angles in degrees"),
        ("pose: {nek_flexion: 1}", (2, 8), "`nek_flexion` is no joint of a pose", "did you mean `neck_flexion`?"),
        ("pose: {hip_flexion: 400}", (2, 21), "beyond the possible range", None),
        ("contacts: {feet: floor}", (2, 1), "unknown key `contacts`", "it stands in the pose: pose: {contacts: ...}"),
        ("knee_flexion: 90", (2, 1), "unknown key `knee_flexion`", "it stands in the pose: pose: {knee_flexion: ...}"),
        ("controls: [{type: a}]", (2, 12), "a control wants one of `from` and `image`", "`from: pose`"),
        ("controls: [{type: a, from: pose, image: b}]", (2, 34), "wants just one of `from` and `image`", None),
    ],
)
def test_a_slip_is_told_at_its_place_with_a_hint(line: str, where: tuple[int, int], message: str, hint: str | None):
    rest = {"id": "id: a", "region": "region: b", "images": "images: [{}]"}
    text = "\n".join(("kind: exercise", line, *(one for key, one in rest.items() if not line.startswith(f"{key}:"))))
    one = only(found("exercise", text))
    assert (one.line, one.column) == where
    assert message in one.message
    assert hint is None or hint in (one.hint or "")


@pytest.mark.parametrize(
    ("image", "hint"),
    [
        ("view: lateral", "did you mean `view_angle`?"),
        ("view_angle: side", "did you mean `lateral`?"),
        ("view_angle: Front", "did you mean `anterior`?"),
        ("body_position: sitting", "did you mean `seated`?"),
        ("body_position: on the moon", None),
        ("body_position: on all fours", "did you mean `quadruped`?"),
        ("body_position: all fours", "did you mean `quadruped`?"),
    ],
)
def test_everyday_words_are_told_the_term(image: str, hint: str | None):
    assert only(found("exercise", exercise(f"[{{{image}}}]"))).hint == hint


def test_all_errors_come_at_once_in_the_order_of_their_places():
    errors = found("exercise", exercise("[{view_angle: latral, seed: x}, {title: 1}, 3]", more="colour: 1\n"))
    places = [(one.line, one.column) for one in errors]
    assert len(places) == 5 and places == sorted(places)


def test_a_missing_key_is_told_at_what_lacks_it():
    errors = found("character", "kind: character\nid: a\nanchors:\n  poses:\n    - prompt: b\n")
    assert [(one.line, one.column, one.message) for one in errors] == [(5, 7, "an anchor lacks `id`")]


def test_a_branch_that_was_not_meant_is_not_complained_of():
    assert [one.code for one in found("exercise", exercise("[{pose: Bad Id}]"))] == ["bad-id"]
    assert [one.code for one in found("exercise", exercise("[{pose: {knee_flexion: x}}]"))] == ["not-a-number"]


@pytest.mark.parametrize(("written", "hint"), [
    ("08", "write 8"), ("-09", "write -9"), ("1e1", "write 10"), ("'10'", "take the quotes off"),
])
def test_a_number_that_yaml_reads_as_text_is_refused_with_how_to_write_it(written: str, hint: str):
    (angle,) = found("exercise", exercise(f"[{{pose: {{knee_flexion: {written}}}}}]"))
    (seed,) = found("exercise", exercise(f"[{{seed: {written}}}]"))
    assert (angle.hint, seed.hint) == (hint, hint)


@pytest.mark.parametrize(("kind", "text"), [
    ("exercise", "kind: exercise\nid: a\nregion: neck\nenhance: {iterations: 2}\nimages: [{}]\n"),
    ("exercise", "kind: exercise\nid: a\nregion: neck\nimages: [{enhance: {iterations: 2}}]\n"),
    ("character", "kind: character\nid: a\nenhance: {iterations: 2}\nanchors: {poses: [{id: front}]}\n"),
    ("character", "kind: character\nid: a\nanchors: {poses: [{id: front, enhance: {}}]}\n"),
    ("scene", "kind: scene\nid: a\nshots: [{id: b, enhance: {iterations: 2}}]\n"),
    ("config", "version: 1\ndefaults: {enhance: {iterations: 2}}\n"),
])
def test_enhance_is_refused_where_nothing_would_come_of_it(kind: str, text: str):
    fault = only(found(kind, text))
    assert fault.code == "unknown-key" and "`enhance`" in fault.message
    assert "at the top of a scene" in str(fault.hint) and "`enhanced` of an image" in str(fault.hint)


def test_a_name_that_is_pose_is_no_pose():
    assert "missing-key" in [one.code for one in found("config", "version: 1\nloras: {pose: {weight: 1}}")]


def test_images_may_not_be_empty():
    assert "at least 1" in only(found("exercise", exercise("[]"))).message


def test_a_newer_version_is_refused_as_newer():
    for kind, text in (("config", "version: 2"), ("picks", "version: 2\ndecisions: []")):
        one = only(found(kind, text))
        assert (one.code, one.hint) == ("newer-version", "upgrade Calotype")


@pytest.mark.parametrize("kind", ["exercise", "character", "scene"])
def test_the_kind_of_a_spec_is_what_it_says(kind: str):
    assert spec_kind(parse(f"kind: {kind}".encode(), "spec.yaml")) == kind


@pytest.mark.parametrize(
    ("text", "hint"), [("kind: excercise", "did you mean `exercise`?"), ("id: a", "begin with `kind:`")]
)
def test_a_spec_of_no_known_kind_is_refused(text: str, hint: str):
    with pytest.raises(Problem) as caught:
        spec_kind(parse(text.encode(), "spec.yaml"))
    assert hint in (only(caught.value.diagnostics).hint or "")


@pytest.mark.parametrize("line", ['id: "a\\n"', 'region: "neck\\n"', 'preset: "draft\\n"'])
def test_a_newline_at_the_end_belongs_to_the_text(line: str):
    """The end of a text is where it ends: in Python's regular expressions `$` stands before a last newline, too."""
    lines = {"id": "id: a", "region": "region: b", "kind": "kind: exercise", "images": "images: [{}]"}
    lines[line.partition(":")[0]] = line
    assert only(found("exercise", "\n".join(lines.values()))).code in ("bad-id", "bad-value")


def test_what_only_the_quick_validator_refuses_is_refused_in_its_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("calotype.language.schema.reference._VALIDATOR", lambda schema: jsonschema.Draft7Validator({}))
    one = only(found("exercise", exercise("[{}]", more="seed: x\n")))
    assert (one.code, one.line, one.column) == ("schema", 4, 7) and '"x"' in one.message


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 5000),
    st.floats(-2, 9000, allow_nan=False).map(lambda one: round(one, 3)),
    st.sampled_from(
        ["a", "chin_tuck", "con", "Bad Id", "lateral", "seated", "pose", "refs/a.png", "../a", "", "best", "a" * 65]
    ),
)
replacements = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from(["id", "x", "base"]), scalars)
)


def pointers(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(one for key, item in inner for one in pointers(item, (*at, key)))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(DOCUMENT_KINDS), st.data())
def test_we_accept_just_what_the_reference_implementation_accepts(kind: str, data: st.DataObject):
    document = copy.deepcopy(FULL[kind])
    for _ in range(data.draw(st.integers(0, 2))):
        *way, last = data.draw(st.sampled_from([one for one in pointers(document) if one]))
        parent = document
        for step in way:
            parent = parent[step]
        if data.draw(st.booleans()):
            parent[last] = data.draw(replacements)
        elif isinstance(parent, dict):
            parent[data.draw(st.sampled_from(["id", "pose", "seed", "extra"]))] = parent.pop(last)
    reference = jsonschema.Draft202012Validator(json_schema(kind)).is_valid(document)
    errors = check(parse(json.dumps(document).encode(), "spec.yaml"), kind)
    assert (errors == []) == reference
    assert all(one.severity == "error" and one.line == 1 and one.column for one in errors)
