"""What pick, approve, reject, include and exclude have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from calotype.ground.diagnostics import EXIT_DONE, Problem, error
from calotype.ground.light_dataclass import asdict
from calotype.project.patterns import is_glob
from calotype.roof.cli.completion import complete_files, complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import shared

if TYPE_CHECKING:
    from calotype.api import Project

Function = Callable[..., Any]


def decides(function: Function) -> Function:
    """Adds what a decision about candidates takes: TARGET, CANDIDATE, --undo and the options of all commands."""
    function = click.argument("candidate", required=False, shell_complete=complete_files)(click.pass_obj(function))
    function = click.argument("target", shell_complete=complete_targets)(function)
    return _with_undo(function, "Take it back; CANDIDATE may then be left out.")


def decides_several(metavar: str) -> Callable[[Function], Function]:
    """Adds what a decision about published pictures takes: targets, which the help calls `metavar`, --undo and the
    options of all commands."""
    targets = click.argument("targets", nargs=-1, required=True, metavar=metavar, shell_complete=complete_targets)
    return lambda function: _with_undo(targets(click.pass_obj(function)), "Take it back.")


def _with_undo(function: Function, undo: str) -> Function:
    return shared(click.option("--undo", is_flag=True, help=undo)(function))


def are_several(names: Sequence[str]) -> bool:
    """Whether a command line may speak of several targets, however many there are: in several words, or with a glob."""
    return len(names) > 1 or any(map(is_glob, names))


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
    settings.echo_status("\n".join(f"{decision['target']}: {line}" for line in lines),
                         {"schema": SCHEMA, **decision, "undone": False, "diagnostics": []})
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


def echo_several(
    settings: Settings, decisions: Iterable[Mapping[str, Any]], text: str, *, undone: bool = False
) -> int:
    """Tells what was decided of several pictures, each given by its fields, and what that withdraws."""
    rows = list(decisions)
    width = max((len(row["target"]) for row in rows), default=0)
    lines = [f"{len(rows)} picture{'' if len(rows) == 1 else 's'}: {text}"]
    for row in rows:
        lines.append(f"  {row['target']:{width}}  {row['pixels'][:12]}")
        lines += (f"    {_withdrawn(former)}" for former in row.get("withdrawn", ()))
    settings.echo_status("\n".join(lines), {
        "schema": SCHEMA, "decisions": [{**row, "undone": undone} for row in rows], "diagnostics": []})
    return EXIT_DONE


def undo_curation(
    settings: Settings, project: Project, kind: Literal["include", "exclude"], names: Sequence[str], noun: str
) -> int:
    """Takes back, and tells so, what was said of the place of pictures in a training set."""
    if are_several(names):
        undone = map(asdict, project.undo(kind, names))
        return echo_several(settings, undone, f"the {noun} is taken back", undone=True)
    return echo_undone(settings, asdict(project.undo(kind, names[0])[0]), noun, "")
