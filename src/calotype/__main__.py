"""The program's entry: answers at once what needs no import, else runs the command line."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs one command line and returns its exit code. `arguments` leaves out the program's name."""
    words = sys.argv[1:] if arguments is None else arguments
    if words == ["--version"]:
        from calotype.ground.version import VERSION

        sys.stdout.write(f"calotype {VERSION}\n")
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
