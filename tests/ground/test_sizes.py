"""Sizes read well, and never as a thousand of a smaller unit."""

from __future__ import annotations

from calotype.ground.sizes import size_text


def test_sizes_read_well() -> None:
    sizes = (0, 999, 1500, 999_999, 3_200_000, 6_940_000_000, 2 * 10**15)
    assert [size_text(count) for count in sizes] == [
        "0 B", "999 B", "1.5 kB", "1.0 MB", "3.2 MB", "6.9 GB", "2000.0 TB"]
