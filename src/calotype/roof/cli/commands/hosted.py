"""`calotype hosted`: what was bought of fal, and what to say of what may have been."""

from __future__ import annotations

from typing import Any

import click

from calotype.ground.diagnostics import EXIT_AWAITING, EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.group(
    "hosted",
    epilog=examples(
        "calotype hosted list",
        "calotype hosted retry 1a2b3c4d                     # buys it again",
        "calotype hosted retry 1a2b3c4d --request-id 764c…  # fetches it",
        "calotype hosted forget 1a2b3c4d                    # it never reached fal",
    ),
)
@shared
def command() -> None:
    """See what is bought of fal, and settle it.

    Where the answer to a request was lost, it may be paid for. Nothing sends it again by itself: its target awaits
    (exit 3) until a person who has looked at fal's dashboard says what became of it.
    """


@command.command("list", epilog=examples("calotype hosted list"))
@shared
@click.pass_obj
def list_(settings: Settings) -> int:
    """Show what is spent today, and what may have been bought. Exit 3 where something is to be decided."""
    from calotype.queries.hosted_purchases import spending

    report = spending(settings.open().root)
    lines = [f"{report.today:.2f} of {report.day:.2f} USD spent today (UTC); at most {report.build:.2f} in a build"]
    for purchase, (words, to_do) in zip(report.undecided, report.words, strict=True):
        lines.append(f"{purchase.id}  {words}")
        lines += [f"          {line}" for line in (" ".join(purchase.about.split()), to_do) if line]
    undecided = [{**asdict(purchase), "message": words, "hint": to_do}
                 for purchase, (words, to_do) in zip(report.undecided, report.words, strict=True)]
    settings.echo_result("\n".join(lines), {
        "schema": SCHEMA, "today": report.today, "ceiling": {"build": report.build, "day": report.day},
        "undecided": undecided, "purchases": report.purchases, "diagnostics": []})
    return EXIT_AWAITING if report.undecided else EXIT_DONE


@command.command("retry", epilog=examples("calotype hosted retry 1a2b3c4d"))
@shared
@click.argument("id")
@click.option("--request-id", metavar="ID", help="The id that fal gave it: it is fetched, and not bought again.")
@click.pass_obj
def retry(settings: Settings, id: str, request_id: str | None) -> int:
    """Have the next build buy ID again: the first attempt counts as paid."""
    from calotype.queries.hosted_purchases import retry

    purchase = retry(settings.open().root, id, request_id)
    verb = "buys it again" if request_id is None else "fetches it"
    return _told(settings, f"`calotype build` {verb}", asdict(purchase))


@command.command("forget", epilog=examples("calotype hosted forget 1a2b3c4d"))
@shared
@click.argument("id")
@click.pass_obj
def forget(settings: Settings, id: str) -> int:
    """Say that ID never reached fal: nothing was paid for it, and the next build buys it."""
    from calotype.queries.hosted_purchases import forget

    purchase = forget(settings.open().root, id)
    return _told(settings, "it counts as never bought; `calotype build` buys it", asdict(purchase))


def _told(settings: Settings, text: str, purchase: dict[str, Any]) -> int:
    settings.echo_status(text, {"schema": SCHEMA, "purchase": purchase, "diagnostics": []})
    return EXIT_DONE
