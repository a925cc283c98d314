"""The list of commands, each imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any

import click

from calotype.ground.version import VERSION
from calotype.roof.cli.shared import examples, shared

SECTIONS = {
    "Write": ("init", "demo", "validate", "schema", "list", "pose", "handout", "scene"),
    "Build": ("plan", "build", "watch", "studio", "check", "explain", "graph", "export"),
    "Decide": ("show", "pick", "approve", "reject", "include", "exclude", "judge", "identity"),
    "Look after": ("models", "hosted", "inspect", "doctor", "clean", "gc", "cache"),
}
"""The commands as `--help` shows them. The command NAME is `command` in the module `commands/NAME.py`, or in a room."""
_ROOMS = {**dict.fromkeys(("pick", "approve", "reject", "include", "exclude"), "decisions."),
          **dict.fromkeys(("watch", "studio", "demo"), "live.")}


class LazyGroup(click.Group):
    """Imports a command's module only when that command, or the help of all, is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"calotype.roof.cli.commands.{_ROOMS.get(cmd_name, '')}{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            raise click.exceptions.NoSuchCommand(
                unknown.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from unknown

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, names in SECTIONS.items():
            commands: list[Any] = [self.get_command(ctx, name) for name in names]
            with formatter.section(section):
                formatter.write_dl([(command.name, command.get_short_help_str(60)) for command in commands])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    epilog=examples(
        "calotype init my-project && cd my-project && calotype build",
        "calotype plan                          # what a build would do, and why",
        "calotype explain exercises/chin_tuck/01",
        "calotype check                         # in CI, without cache and GPU",
        "calotype build --help                  # options and examples of a command",
    ),
)
@shared
@click.version_option(VERSION, message="calotype %(version)s")
def calotype() -> None:
    """make for generated images: specs in, images out, and only what changed.

    Run it anywhere inside a project; the nearest calotype.yaml upwards is the project. TARGETs are paths
    (exercises/chin_tuck, exercises/chin_tuck/01) or globs ('scenes/*'); none means all.
    """
