"""The environment of an author's own sheets: what a page may cost is paid for, turn by turn. Must not know pages.

A project may come from anybody. So loops and macros are charged by what stands in them, and what could make a long text
of a few letters (`"a" * n`, `.ljust(n)`, `| center(n)`) is refused before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from jinja2 import nodes, pass_environment
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_WORK = 3_000_000
"""For one page, in characters and in the nodes of each turn."""
MOST_AT_ONCE = 1_000_000
"""Characters, or items, that one step may make."""
_MOST_BITS = 10_000
_WIDE = re.compile(r"\d{4}|:[^}]*\{|\*")
"""A width in a format that makes a long text, or one that is not known yet."""
_SPEND, _TURNS, _CHARGED, _LOOKED = "-spend", "-turns", "-charged", "-looked"
_MANY_TIMES = frozenset(("do_sort", "do_unique", "do_groupby", "sync_do_groupby", "do_sum", "sync_do_sum"))
"""Filters that look at each item more than once: as often as a sort may."""
_SORTS = 16


class BoundedEnvironment(SandboxedEnvironment):
    """`begin` gives a page its budget."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))
    left = MOST_WORK

    def __init__(self, **options: Any) -> None:
        super().__init__(optimized=False, **options)
        self.globals.pop("lipsum", None)
        filters = ((name, cast(Callable[..., Any], each)) for name, each in self.filters.items())
        self.filters = {name: _metered(each, self.spend) for name, each in filters}
        self.filters |= {_SPEND: _spend, _TURNS: _turns, _CHARGED: _charged, _LOOKED: _looked}

    def begin(self) -> None:
        self.left = MOST_WORK

    def spend(self, amount: int) -> None:
        self.left -= amount + 1
        if self.left < 0:
            raise SecurityError("the page takes too much work; it may loop and repeat less")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return cast(nodes.Template, _Meter().visit(tree))

    def call(__self, __context: Context, __obj: Any, *values: Any, **named: Any) -> Any:
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str | bytes | list | tuple | dict):
            __self.spend(_made_of(owner, (*values, *named.values())))
        return super().call(__context, __obj, *values, **named)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        if wrapped is not None and _WIDE.search(value.__self__):
            raise SecurityError("a format may not make a text of more than 999 letters")
        return wrapped

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, str) and operator == "%":
            if _WIDE.search(left):
                raise SecurityError("a format may not make a text of more than 999 letters")
        elif isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * (abs(right) if operator == "**" else 1) + right.bit_length()
            if bits > _MOST_BITS:
                raise SecurityError("a number of the page is too large")
        elif operator == "*":
            self.spend(_made_of(left, (right,)) if not isinstance(left, int) else _made_of(right, (left,)))
        return super().call_binop(context, operator, left, right)


class _Meter(NodeTransformer):
    """Puts in what charges: each turn, each macro and block, each value that is made."""

    def generic_visit(self, node: nodes.Node, *values: Any, **named: Any) -> nodes.Node:
        super().generic_visit(node, *values, **named)
        if isinstance(node, nodes.For):
            node.iter = _filter(cast(nodes.Expr, node.iter), _TURNS, _weight(node))
        elif isinstance(node, nodes.Template | nodes.Macro | nodes.Block | nodes.CallBlock | nodes.FilterBlock):
            charge = nodes.ExprStmt(_filter(_weight(node), _SPEND), lineno=node.lineno or 1)
            extends = [child for child in node.body if isinstance(child, nodes.Extends)]
            if not extends:
                node.body = [charge, *node.body]
        elif isinstance(node, nodes.Compare):
            node.expr = _filter(node.expr, _LOOKED)
            for operand in node.ops:
                operand.expr = _filter(operand.expr, _LOOKED)
        elif isinstance(node, nodes.Concat | nodes.Add | nodes.Filter | nodes.Call):
            return _filter(cast(nodes.Expr, node), _CHARGED)
        return node


def _weight(node: nodes.Node) -> nodes.Const:
    return nodes.Const(sum(1 for _ in node.find_all(nodes.Node)))


def _filter(node: nodes.Expr, name: str, *values: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(values), [], None, None, lineno=getattr(node, "lineno", 1) or 1)


def _size(value: Any) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(len(item) for item in value if isinstance(item, str))
    return len(value) if isinstance(value, dict) else 0


def _deep(value: Any) -> int:
    """What whoever looks at all of a value sees: a list may hold another many times over. Raises SecurityError for too
    much."""
    seen, open_lists = 0, [value]
    while open_lists:
        each = open_lists.pop()
        if isinstance(each, dict):
            each = [*each, *each.values()]
        if isinstance(each, list | tuple):
            open_lists += each
        seen += len(each) + 1 if isinstance(each, str | bytes | list | tuple | range) else 1
        if seen > MOST_AT_ONCE:
            raise SecurityError(f"a value of the page holds more than {MOST_AT_ONCE:,}")
    return seen


def _made_of(owner: Any, values: Iterable[Any]) -> int:
    """What a call for `owner` costs. Raises SecurityError where these arguments might make too much of it."""
    most = max((abs(value) if isinstance(value, int) else _size(value) for value in values), default=1)
    size = (_size(owner) + 1) * max(most, 1)
    if size > MOST_AT_ONCE and most > 1:
        raise SecurityError(f"a value of the page may grow longer than {MOST_AT_ONCE:,}")
    return _size(owner)


@pass_environment
def _spend(environment: BoundedEnvironment, weight: int) -> str:
    environment.spend(weight)
    return ""


@pass_environment
def _turns(environment: BoundedEnvironment, items: Iterable[Any], weight: int) -> Iterator[Any]:
    for item in items:
        environment.spend(_size(item) + weight)
        yield item


@pass_environment
def _charged(environment: BoundedEnvironment, value: Any) -> Any:
    size = _size(value)
    if size > MOST_AT_ONCE:
        raise SecurityError(f"a value of the page is longer than {MOST_AT_ONCE:,}")
    environment.spend(size)
    return value


@pass_environment
def _looked(environment: BoundedEnvironment, value: Any) -> Any:
    """`value`, about to be compared."""
    if isinstance(value, list | tuple | dict):
        environment.spend(_deep(value))
    return value


def _metered(function: Callable[..., Any], spend: Callable[[int], None]) -> Callable[..., Any]:
    """A filter of Jinja2's that pays for what it looks at many times, and is refused where it might make a long text of
    a short one."""
    passed = getattr(function, "jinja_pass_arg", None)
    first = 1 if passed is not None else 0

    def metered(*values: Any, **named: Any) -> Any:
        owner, others = values[first], (*values[first + 1:], *named.values())
        if function.__name__ in ("do_format",) and isinstance(owner, str) and _WIDE.search(owner):
            raise SecurityError("a format may not make a text of more than 999 letters")
        if isinstance(owner, list | tuple | dict | range):
            looked = _deep(owner)
            if function.__name__ in _MANY_TIMES:
                spend(looked * _SORTS)
            made = len(owner) * max((len(other) for other in others if isinstance(other, str)), default=0)
            if max(looked, made) > MOST_AT_ONCE:
                raise SecurityError(f"a filter of the page looks at, or makes, more than {MOST_AT_ONCE:,}")
        if isinstance(owner, str):
            _made_of(owner, others)
        elif isinstance(owner, Iterator) or (others and _size(owner) == 0):
            _made_of("", others)
        return function(*values, **named)

    metered.__name__ = function.__name__
    if passed is not None:
        metered.jinja_pass_arg = passed  # type: ignore[attr-defined]
    return metered
