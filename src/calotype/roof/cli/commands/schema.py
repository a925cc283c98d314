"""`calotype schema`: the JSON Schema of one kind of document."""

from __future__ import annotations

import json

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.target_names import DOCUMENT_KINDS
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, shared


@click.command("schema", epilog=examples("calotype schema exercise > exercise.schema.json"))
@shared
@click.argument("kind", metavar="KIND", type=Choice(DOCUMENT_KINDS))
@click.pass_obj
def command(settings: Settings, kind: str) -> int:
    """Print the JSON Schema (2020-12) of a KIND of document.

    KIND is exercise, character, scene, pose, config or picks.
    """
    from calotype.language.schema.validate import json_schema

    schema = json_schema(kind)
    settings.echo_result(json.dumps(schema, indent=2), schema)
    return EXIT_DONE
