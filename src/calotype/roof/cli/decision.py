"""What pick, approve, reject, include and exclude have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from calotype.ground.diagnostics import EXIT_DONE, Problem, error
from calotype.roof.cli.completion import complete_files, complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import shared

Function = Callable[..., Any]
CHOOSING = ("pick", "approve", "reject", "import")
"""The decisions that may withdraw others: they tell so in any case."""


def decides(function: Function) -> Function:
    """Adds what a decision about candidates takes: TARGET, CANDIDATE, --undo and the options of all commands."""
    function = click.argument("candidate", required=False, shell_complete=complete_files)(click.pass_obj(function))
    return _decides(function, "Take it back; CANDIDATE may then be left out.")


def curates(function: Function) -> Function:
    """Adds what a decision about the published picture takes: TARGET, --undo and the options of all commands."""
    return _decides(click.pass_obj(function), "Take it back.")


def _decides(function: Function, undo: str) -> Function:
    target = click.argument("target", shell_complete=complete_targets)
    return shared(click.option("--undo", is_flag=True, help=undo)(target(function)))


def refuse_reason(reason: str | None, noun: str) -> None:
    """What is taken back needs no reason."""
    if reason is not None:
        raise Problem(error("unused-reason", f"--undo takes {noun} back, and needs no reason",
                            hint="leave --reason out"))


def require_candidate(verb: str, target: str, candidate: str | None) -> str:
    if candidate is None:
        raise Problem(error("missing-candidate", "which candidate is meant?", hint="give its number or the start of its"
                            f" pixel digest: calotype {verb} {target} CANDIDATE"))
    return candidate


def echo_decision(settings: Settings, decision: Mapping[str, Any], text: str) -> int:
    """Tells what was decided, given by its fields, and what it withdraws."""
    lines = [text, *map(_withdrawn, decision["withdrawn"])]
    empty = {"path"} if decision["decision"] in CHOOSING else {"path", "withdrawn"}
    value = {name: field for name, field in decision.items() if field or name not in empty}
    settings.echo_status("\n".join(f"{decision['target']}: {line}" for line in lines),
                         {"schema": SCHEMA, **value, "undone": False, "diagnostics": []})
    return EXIT_DONE


def _withdrawn(former: Mapping[str, Any]) -> str:
    which = former["pixels"][:12]
    if former["decision"] == "import":
        return f"the picture {which}, which was put in by hand, stands no more"
    return f"the approval of {which} is withdrawn"


def echo_undone(
    settings: Settings, decision: Mapping[str, Any], noun: str, then: str = "; `calotype build` goes by what remains"
) -> int:
    """Tells what was taken back, and what comes `then`."""
    which = f"the {noun} of {decision['pixels'][:12]}"
    settings.echo_status(f"{decision['target']}: {which} is taken back{then}",
                         {"schema": SCHEMA, **decision, "undone": True, "diagnostics": []})
    return EXIT_DONE
