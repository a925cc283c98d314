"""`calotype models`: the weights that the project's images read."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import echo_err


@click.group("models", invoke_without_command=True, epilog=examples("calotype models", "calotype models pull"))
@shared
@click.pass_context
def command(ctx: click.Context) -> int | None:
    """List, fetch and verify the models that images read."""
    if ctx.invoked_subcommand is None:
        return _list(ctx.find_root().ensure_object(Settings))
    return None


@command.command("list", epilog=examples("calotype models list", "calotype models list --json"))
@shared
@click.pass_obj
def listing(settings: Settings) -> int:
    """Show each model: its place, size and readers."""
    return _list(settings)


@command.command("pull", epilog=examples(
    "calotype models pull", "calotype models pull stabilityai/stable-diffusion-xl-base-1.0"))
@shared
@click.option("--offline", is_flag=True, help="Use no network: fail, and name what is missing.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.pass_obj
def pull(settings: Settings, names: tuple[str, ...], offline: bool) -> int:
    """Fetch what is missing from the Hugging Face Hub.

    Only .safetensors of the variant asked for, into the Hub's own cache; an interrupted download goes on where it
    stopped. It prints the commit to pin.
    """
    from calotype.roof.report.tables import size

    project = settings.open()
    fetched = []
    for fetch, begin in project.pull_models(names, offline=offline):
        if not settings.quiet:
            echo_err(f"fetching {fetch.name}: {len(fetch.files)} files, {size(fetch.size)}")
        begin()
        fetched.append(fetch)
    lines = [f"fetched  {fetch.name}\n  pin it: revision: {fetch.commit}" for fetch in fetched]
    value = {"schema": SCHEMA, "fetched": [asdict(fetch) for fetch in fetched], "diagnostics": []}
    settings.echo_status("\n".join(lines) or "nothing is missing", value)
    return EXIT_DONE


@command.command("verify", epilog=examples("calotype models verify"))
@shared
@click.pass_obj
def verify(settings: Settings) -> int:
    """Compare all weights with Hub and manifest.

    Exit 1 if a file is damaged or is not what the manifest locks.
    """
    check = settings.open().verify_models()
    lines = [f"differs: {file}\n  {why}" for file, why in check.damaged]
    lines.append(f"{check.files} files read, {len(check.damaged)} differ")
    settings.echo_status("\n".join(lines), {"schema": SCHEMA, **asdict(check), "diagnostics": []})
    return EXIT_FAILED if check.damaged else EXIT_DONE


def _list(settings: Settings) -> int:
    from calotype.roof.report.tables import table

    rows = settings.open().models()
    value = {"schema": SCHEMA, "models": [asdict(row) for row in rows], "diagnostics": []}
    settings.echo_result(table(rows), value)
    return EXIT_DONE
