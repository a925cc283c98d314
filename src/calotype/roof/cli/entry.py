"""Runs a command line, and prints every error, whatever its kind, with its exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import (
    EXIT_BUG,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_INVALID,
    Diagnostic,
    Problem,
    error,
)
from calotype.ground.paths import find_root
from calotype.roof.cli.fastpath import plain_build
from calotype.roof.cli.stdout import echo, echo_err, is_readerless, reserved, use_backslashreplace

if TYPE_CHECKING:
    from click import UsageError

    from calotype.api import Project
    from calotype.project.last_build import Comparison


_COLLECT_AFTER = 50_000
"""So many new objects before the collector looks for cycles. At Python's 700 it walks the growing manifest, specs and
plans again and again, for a sixth of the time of a `check --full`, and finds next to nothing."""


def run_command_line(words: Sequence[str], diff: Comparison | None = None, kept: Project | None = None) -> int:
    """Runs the command line `words` and returns its exit code. Shell completion alone raises SystemExit. `diff`: how
    the project differs from what the last build left, where that has just been found out. `kept`: a project that is
    open already, for words that speak of it."""
    gc.set_threshold(_COLLECT_AFTER)
    use_backslashreplace()
    if "--help" in words or not any(word.split("=")[0] in ("--json", "--format") for word in words):
        return _answered(words, diff, kept)
    with reserved():
        return _answered(words, diff, kept)


def _answered(words: Sequence[str], diff: Comparison | None, kept: Project | None) -> int:
    try:
        return _run(words, diff, kept)
    except KeyboardInterrupt:
        return report_interruption(words)
    except Problem as problem:
        return _report(words, problem.diagnostics, problem.exit_code)
    except OSError as refusal:
        return report_refusal(words, refusal)
    except Exception as bug:
        return _bug(words, bug)


def _run(words: Sequence[str], diff: Comparison | None, kept: Project | None) -> int:
    """The command that `words` name. A plain build does without click: half of what an edited spec costs is imports."""
    from calotype.roof.cli.settings import Settings

    plain = plain_build(words)
    if plain is not None:
        from calotype.roof.cli.run_build import run_build

        settings = Settings(plain.start, plain.as_json, plain.quiet, plain.verbose, diff, kept)
        return run_build(settings, keep_going=plain.keep_going)
    import click

    from calotype.roof.cli.group import calotype

    try:
        code = calotype.main(list(words), prog_name="calotype", standalone_mode=False, obj=Settings(kept=kept))
    except click.Abort as abort:
        raise KeyboardInterrupt from abort
    except click.exceptions.NoArgsIsHelpError as empty:
        echo_err(empty.message)
        return EXIT_INVALID
    except click.UsageError as wrong:
        raise Problem(_misused(wrong)) from wrong
    return code if isinstance(code, int) else EXIT_DONE


def _misused(wrong: UsageError) -> Diagnostic:
    """click's message as a diagnostic, with a hint."""
    from click import BadParameter

    command = wrong.ctx.command_path if wrong.ctx else "calotype"
    near = getattr(wrong, "possibilities", None)
    of_value = isinstance(wrong, BadParameter)
    message = (wrong.message if near and not of_value else wrong.format_message()).replace("'", "`")
    message = " ".join(message.split()).removesuffix(".")
    hint = f"did you mean `{near[0]}`?" if near else f"`{command} --help` shows how it is used"
    return error("usage", message[:1].lower() + message[1:], hint=hint)


def report_interruption(words: Sequence[str]) -> int:
    """Says that a ^C has ended the command."""
    return _report(words, [error("interrupted", "interrupted; what was finished is kept")], EXIT_INTERRUPTED)


def report_desertion(words: Sequence[str]) -> int:
    """Says that the watch that was at work on the command has been killed."""
    hint = "run it again; a decision that was written is kept, and `calotype show TARGET` shows it"
    deserted = error("watch-ended", "the watch that was at work on this has ended before it was done", hint=hint)
    return _report(words, [deserted], EXIT_FAILED)


def report_refusal(words: Sequence[str], refusal: OSError) -> int:
    """What the system refused, in words."""
    from calotype.ground.refusals import refused

    if is_readerless(refusal):
        return EXIT_DONE
    if isinstance(refusal, FileNotFoundError) and not _is_somewhere():
        nowhere = error("no-folder", "the folder that you are in has been removed", hint="`cd` to one that exists")
        return _report(words, [nowhere], EXIT_INVALID)
    try:
        return _report(words, [refused(refusal)], EXIT_FAILED)
    except OSError as unknown:
        return _bug(words, unknown)


def _is_somewhere() -> bool:
    """Whether the working folder exists."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _report(words: Sequence[str], diagnostics: Sequence[Diagnostic], code: int) -> int:
    """Prints to stderr for people; and to stdout, in the format that a machine asked for, what a command would have
    printed there. Returns `code`, whether they can be read or not."""
    from calotype.roof.report.diagnostic_text import show, tally
    from calotype.roof.report.style import Style

    root, form = project_root(words), asked_format(words)
    echo_err(show(diagnostics, root, sys.stderr, verbose=bool({"-v", "--verbose"} & set(words))))
    if len(diagnostics) > 1:
        echo_err("\n" + Style(sys.stderr).paint(tally(diagnostics), "bold", "red"))
    if form is not None:
        from calotype.project.outcome import Outcome
        from calotype.roof.cli.formats import report
        from calotype.roof.report.entries import VALIDATE

        title = VALIDATE if "validate" in words else "calotype check"
        try:
            echo(report(Outcome(diagnostics=tuple(diagnostics)), root, form, title), verbatim=form == "github")
        except OSError:  # the exit code tells of something worse already
            return code
    return code


def _bug(words: Sequence[str], bug: Exception) -> int:
    from calotype.roof.cli.buglog import write_log

    log = write_log(words, bug, project_root(words))
    summary = f"{type(bug).__name__}: {bug}".splitlines()[0]
    hint = f"the log is {log}; please report it" if log else "the log could not be written"
    return _report(words, [error("bug", f"this is a bug in Calotype: {summary}", hint=hint)], EXIT_BUG)


def asked_format(words: Sequence[str]) -> str | None:
    """The machine's format that is asked for, also on a command line that cannot be parsed; None for people's."""
    from calotype.roof.cli.formats import MACHINE_FORMATS

    options = list(words)[: list(words).index("--")] if "--" in words else list(words)
    if "--json" in options:
        return "json"
    forms = [word.partition("=")[2] or following for word, following in zip(options, [*options[1:], ""], strict=True)
             if word.partition("=")[0] == "--format"]
    return forms[-1] if forms and forms[-1] in MACHINE_FORMATS else None


def project_root(words: Sequence[str]) -> Path | None:
    """The project a command line speaks of, as far as can be told without parsing it."""
    named = None
    for number, word in enumerate(words):
        if word == "--project":
            named = words[number + 1] if number + 1 < len(words) else None
        elif word.startswith("--project="):
            named = word.partition("=")[2]
    try:
        return find_root(Path(named or "."))
    except (OSError, ValueError):
        return None
