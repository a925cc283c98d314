"""`python docs/make_licences.py`: writes the table of docs/licences.md from the reviewed file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calotype.models.licences import rows

PAGE = Path(__file__).parent / "licences.md"
TABLE = "<!-- the reviewed file -->\n"


def page() -> str:
    """The page as it should be."""
    return PAGE.read_text(encoding="utf-8").partition(TABLE)[0] + TABLE + "\n" + "\n".join(table()) + "\n"


def table() -> Iterator[str]:
    yield "| weights | licence | commercial | | reviewed |\n| --- | --- | --- | --- | --- |"
    for row in rows():
        names = ", ".join(f"`{name}`" for name in row["names"])
        remarks = [row.get("note", ""), f"instead: `{row['instead']}`" if "instead" in row else ""]
        remark = "; ".join(filter(None, remarks))
        yield (f"| {names} | {row['licence']} | {row['commercial']} | {remark} | "
               f"[{row['reviewed']}]({row['source']}) |")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
