"""The JSON Schema of a pose, made from the vocabulary of poses. Must not know any other part of a spec."""

from __future__ import annotations

from typing import Any

from calotype.language.pose.check import ARCS, PART_NAMES
from calotype.language.pose.props.prop_kinds import KINDS, SURFACES, Kind, Option
from calotype.language.pose.terms import (
    BASES,
    BUILDS,
    DEFAULT_HAIR,
    HAIRS,
    HEIGHT,
    HEIGHTS,
    JOINTS,
    LANDMARKS,
    PATHS,
    SEXES,
    SHOWS,
    SIDES,
    Joint,
)

Schema = dict[str, Any]


def pose_schema() -> Schema:
    """The schema of a pose that is written out: an object."""
    return {
        "title": "a pose",
        "type": "object",
        "properties": {
            "base": _pose_id("The posture that the angles start from", examples=list(BASES)),
            "figure": _figure(),
            **{name: _angle(joint) for name, joint in JOINTS.items() if joint.laterality != "directed"},
            **{side: _side(side) for side in SIDES},
            "mirror": {"type": "boolean", "description": "Swaps left and right everywhere."},
            "mirror_of": _pose_id("The pose to take with left and right swapped"),
            "from": _phase("Where a movement begins."),
            "to": _phase("Where a movement ends."),
            "fraction": {
                "$ref": "#/$defs/fraction",
                "description": "How far along the movement the figure is: 0 to 1.",
            },
            "show": _words(SHOWS, "What is drawn beside the figure: arrows along the path, a ghost where it begins."),
            "contacts": _contacts(),
            "solve": {
                "type": "boolean",
                "description": "Whether joints that the base decides move until contacts hold; true unless said.",
            },
            "props": _props(),
            "arrows": {
                "title": "arrows",
                "type": "array",
                "items": _arrow(),
                "maxItems": 100,
                "description": "Arrows that show a movement.",
            },
            "arcs": _words(ARCS, "Angles to mark, such as left_knee_flexion."),
        },
        "additionalProperties": False,
        "description": "Joint angles in degrees, in a physiotherapist's terms, on a base posture.",
    }


def _pose_id(what: str, **more: Any) -> Schema:
    return {
        "$ref": "#/$defs/id",
        "description": f"{what}: a base posture ({', '.join(BASES)}), or the id of a pose in specs/poses/.",
        **more,
    }


def _figure() -> Schema:
    low, high = HEIGHTS
    return {
        "title": "figure",
        "type": "object",
        "properties": {
            "height": {
                "title": "height",
                "type": "number",
                "minimum": low,
                "maximum": high,
                "description": f"In centimetres; {HEIGHT:g} when it is not said.",
            },
            "build": {"enum": list(BUILDS), "description": "Girth of trunk and limbs; average when it is not said."},
            "sex": {"enum": list(SEXES), "description": "Breadths and girths; neutral when it is not said."},
            "hair": {"enum": list(HAIRS), "description": f"Of a line drawing; {DEFAULT_HAIR} when it is not said."},
        },
        "additionalProperties": False,
        "description": "Who is posed: height, build, sex and hair.",
    }


def _angle(joint: Joint) -> Schema:
    low, high = joint.possible
    unit = "centimetres" if joint.unit == "cm" else "degrees"
    return {
        "title": joint.name,
        "type": "number",
        "minimum": low,
        "maximum": high,
        "description": f"In {unit}; {joint.normal[0]:g} to {joint.normal[1]:g} is normal ({joint.source}).",
    }


def _side(side: str) -> Schema:
    return {
        "title": side,
        "type": "object",
        "properties": {name: _angle(joint) for name, joint in JOINTS.items() if joint.sided},
        "additionalProperties": False,
        "description": f"Joints of the subject's own {side} side; or towards it, for neck and spine.",
    }


def _phase(what: str) -> Schema:
    return {"$ref": "#/$defs/pose_or_id", "description": what}


def _words(known: tuple[str, ...], what: str) -> Schema:
    return {
        "title": "a list of words",
        "type": "array",
        "items": {"enum": list(known)},
        "maxItems": 100,
        "description": what,
    }


def _props() -> Schema:
    """A list of names and of names with options, or one mapping of names to options."""
    with_options = {
        "title": "props with options",
        "type": "object",
        "properties": {name: _prop(kind) for name, kind in KINDS.items()},
        "additionalProperties": False,
    }
    return {
        "anyOf": [
            {
                "title": "a list of props",
                "type": "array",
                "items": {"anyOf": [{"enum": list(KINDS)}, with_options]},
                "maxItems": 100,
            },
            with_options,
        ],
        "description": "Things that stand by, are touched or held; with options where they have some.",
    }


def _prop(kind: Kind) -> Schema:
    return {
        "title": kind.name,
        "type": ["object", "null"],
        "properties": {option.name: _option(option) for option in kind.options},
        "required": [option.name for option in kind.options if option.required],
        "additionalProperties": False,
        "description": f"{kind.meaning[0].upper()}{kind.meaning[1:]}.",
    }


def _option(option: Option) -> Schema:
    meaning = f"{option.meaning[0].upper()}{option.meaning[1:]}"
    if option.span is None:
        return {"enum": list(option.words), "description": f"{meaning}."}
    low, high = option.span
    return {"title": option.name, "type": "number", "minimum": low, "maximum": high,
            "description": f"{meaning}, in centimetres."}


def _contacts() -> Schema:
    return {
        "title": "contacts",
        "type": "object",
        "properties": {part: {"enum": list(SURFACES)} for part in PART_NAMES},
        "additionalProperties": False,
        "description": "What parts of the body touch or hold; `none` takes away a contact of the base.",
    }


def _arrow() -> Schema:
    return {
        "title": "an arrow",
        "type": "object",
        "properties": {
            "of": {"enum": list(LANDMARKS), "description": "The part that moves."},
            "path": {"enum": list(PATHS), "description": "How it moves."},
            "size": {
                "title": "size",
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 200,
                "description": "In centimetres.",
            },
        },
        "required": ["of", "path"],
        "additionalProperties": False,
    }
