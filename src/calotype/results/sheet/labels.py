"""Counts and names as a page says them. Must not know HTML."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def title_words(name: str) -> str:
    return words(name).capitalize()
