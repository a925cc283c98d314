"""`calotype graph`: which target is made from which."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command(
    "graph",
    epilog=examples(
        "calotype graph 'scenes/*'",
        "calotype graph --format svg > graph.svg     # by Graphviz",
        "calotype graph --format dot | dot -Tpdf > graph.pdf",
        "calotype graph --format mermaid",
    ),
)
@shared
@click.option("--format", "form", type=Choice(["text", "dot", "svg", "mermaid", "json"]), default="text",
              help="text if left out; svg is drawn by Graphviz.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(settings: Settings, targets: tuple[str, ...], form: str) -> int:
    """Show the targets and what each starts from."""
    from calotype.roof.report.graph_text import FORMS, as_json

    settings.json = settings.json or form == "json"
    project = settings.open()
    graph = project.graph(settings.named(project.root, targets))
    text = "" if settings.json else FORMS[form](graph)
    settings.echo_result(text, {"schema": SCHEMA, **as_json(graph), "diagnostics": []})
    return EXIT_DONE
