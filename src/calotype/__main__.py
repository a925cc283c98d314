"""The program's entry: answers at once what needs no import, else runs the command line."""

from __future__ import annotations

import sys

from calotype.roof.cli.stdout import echo, leave_nothing_unwritten, open_missing_streams


def main(arguments: list[str] | None = None) -> int:
    """Runs one command line and returns its exit code. `arguments` leaves out the program's name."""
    words = sys.argv[1:] if arguments is None else arguments
    open_missing_streams()
    try:
        code = _code_of_watch(words)
        return _answer(words) if code is None else code
    except KeyboardInterrupt:  # while the last build's record is looked at, or a module is imported
        return 130
    except OSError as refusal:
        from calotype.roof.cli.entry import report_refusal

        return report_refusal(words, refusal)
    finally:
        leave_nothing_unwritten()


def _code_of_watch(words: list[str]) -> int | None:
    """The exit code, where a watch is at work on the project and has run the command."""
    from calotype.roof.serve.address import socket_to_ask

    place = socket_to_ask(words)
    if place is None:
        return None
    from calotype.roof.serve.client import exit_code_of_watch

    return exit_code_of_watch(words, *place)


def _answer(words: list[str]) -> int:
    """Raises OSError where the answer cannot be written."""
    if words == ["--version"]:
        from calotype.ground.version import VERSION

        echo(f"calotype {VERSION}")
        return 0
    diff = None
    if "build" in words:
        from calotype.roof.cli.fastpath import exit_code_if_current

        code, diff = exit_code_if_current(words)
        if code is not None:
            return code
    from calotype.roof.cli.entry import run_command_line

    return run_command_line(words, diff)


if __name__ == "__main__":
    sys.exit(main())
