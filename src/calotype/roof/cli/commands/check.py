"""`calotype check`: whether the committed images match their specs."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import Problem, error
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.formats import echo_report, echo_review, formatted
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, profile, shared


@click.command(
    "check",
    epilog=examples(
        "calotype check",
        "calotype check exercises/chin_tuck",
        "calotype check --format github         # in GitHub Actions",
        "calotype check --format sarif > calotype.sarif",
        "calotype check --since main...         # what this branch did to pictures",
    ),
)
@shared
@profile
@formatted
@click.option("--full", is_flag=True, help="Read every spec and asset, whatever the last build recorded.")
@click.option("--since", metavar="REV", help="Only what the commits after REV changed, made stale or decided on.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], preset: str | None, renderer: str | None, form: str,
    full: bool, since: str | None,
) -> int:
    """Prove that the published images match their specs.

    Exit 0 if they do, 1 if an image is stale, missing or modified, 2 if a spec is invalid, 3 if only a decision is
    awaited; the format changes nothing of that.

    Where a build has been, only the files that changed since are read.

    With --since, only the pictures that a reviewer of the commits after REV has to look at, also those that are up to
    date; and a page of them, before and after: build/since/index.html. REV is any revision that git knows; main...
    means where this branch left main.
    """
    settings.json = settings.json or form == "json"
    project = settings.open()
    names = settings.named(project.root, targets)
    if since is not None:
        _require_plain(preset, renderer)
        review = project.changes_since(since, names, full=full)
        echo_review(settings, review, project.root, form)
        return review.exit_code
    outcome = project.check(names, preset=preset, renderer=renderer, full=full, name_current=form == "junit")
    if form in ("text", "json"):
        settings.echo_outcome(outcome, project.root, "check")
    else:
        echo_report(settings, outcome, project.root, form, "calotype check")
    return outcome.exit_code


def _require_plain(preset: str | None, renderer: str | None) -> None:
    """What is made with another preset is in build/preview, and in no commit."""
    if preset is not None or renderer is not None:
        raise Problem(error("usage", "--since compares what is committed, which no --preset or --renderer changes",
                            hint="leave them out"))
