"""What pick, approve and reject have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from calotype.ground.diagnostics import EXIT_DONE, Problem, error
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import shared

Function = Callable[..., Any]


def decides(function: Function) -> Function:
    """Adds what every decision takes: TARGET, CANDIDATE, --undo and the options of all commands."""
    for decorate in (
        click.pass_obj,
        click.argument("candidate", required=False),
        click.argument("target", shell_complete=complete_targets),
        click.option("--undo", is_flag=True, help="Take it back; CANDIDATE may then be left out."),
        shared,
    ):
        function = decorate(function)
    return function


def require_candidate(verb: str, target: str, candidate: str | None) -> str:
    if candidate is None:
        raise Problem(error("missing-candidate", "which candidate is meant?", hint="give its number or the start of its"
                            f" pixel digest: calotype {verb} {target} CANDIDATE"))
    return candidate


def echo_decision(settings: Settings, decision: Mapping[str, Any], text: str) -> int:
    """Tells what was decided, given by its fields, and what it withdraws."""
    lines = [text, *map(_withdrawn, decision["withdrawn"])]
    settings.echo_status("\n".join(f"{decision['target']}: {line}" for line in lines),
                         {"schema": SCHEMA, **decision, "undone": False, "diagnostics": []})
    return EXIT_DONE


def _withdrawn(former: Mapping[str, Any]) -> str:
    which = former["pixels"][:12]
    if former["decision"] == "import":
        return f"the picture {which}, which was put in by hand, stands no more"
    return f"the approval of {which} is withdrawn"


def echo_undone(settings: Settings, decision: Mapping[str, Any], noun: str) -> int:
    """Tells what was taken back."""
    which = f"the {noun} of {decision['pixels'][:12]}"
    settings.echo_status(f"{decision['target']}: {which} is taken back; `calotype build` goes by what remains",
                         {"schema": SCHEMA, **decision, "undone": True, "diagnostics": []})
    return EXIT_DONE
