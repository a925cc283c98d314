"""Runs an author's template within bounds: no code, no files, no endless loops, no endless text. Must not
know prompts.

A style may print, choose, loop and set; it may call nothing, and its values are texts, numbers and flat
lists of them. Every turn of a loop, filter, concatenation and output is charged to one budget, so the work
of a render is bounded, and on every machine at the same point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_VALUE = 20_000
MAX_WORK = 1_000_000

FILTERS = (
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "reject",
    "reverse",
    "select",
    "sort",
    "title",
    "trim",
    "unique",
    "upper",
)
_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Filter,
    nodes.Test,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.List,
    nodes.Tuple,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
    nodes.Keyword,
)
_BUDGET = "-budget"
"""No name that a template could write."""


class Budget:
    """What is left of a render's work, in characters and turns of loops."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, amount: int) -> None:
        self.left -= amount + 1
        if self.left < 0:
            raise SecurityError("the style does too much work; it may loop and repeat less")


@pass_context
def _charged(context: Context, value: Any) -> Any:
    size = len(value) if hasattr(value, "__len__") else 0
    if size > MAX_VALUE:
        raise SecurityError(f"a value of the style is longer than {MAX_VALUE:,}")
    context[_BUDGET].spend(size)
    return value


@pass_context
def _turns(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        context[_BUDGET].spend(len(item) if isinstance(item, str) else 0)
        yield item


@pass_context
def _plain(context: Context, value: Any) -> Any:
    """A text or a number. Anything else has no wording of its own, or one that differs from run to run."""
    if isinstance(value, Undefined):
        str(value)
    if not isinstance(value, str | int | float):
        hint = 'join a list with `| join(", ")`' if isinstance(value, list | tuple) else "use texts and numbers"
        raise SecurityError(f"a {type(value).__name__} cannot stand here; {hint}")
    return _charged(context, value)


def _join(items: Iterable[Any], separator: str = "") -> str:
    texts = [str(item) for item in items if isinstance(item, str | int | float)]
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_VALUE:
        raise SecurityError(f"a value of the style is longer than {MAX_VALUE:,}")
    return separator.join(texts)


class _Fence(NodeTransformer):
    """Refuses what a style may not do, and charges what it does."""

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        _refuse(node)
        super().generic_visit(node, *args, **kwargs)
        if isinstance(node, nodes.For):
            node.iter = _filtered(node.iter, "-turns")
        elif isinstance(node, nodes.Output):
            node.nodes = [
                part if isinstance(part, nodes.TemplateData) else _filtered(part, "-plain") for part in node.nodes
            ]
        elif isinstance(node, nodes.List) or (isinstance(node, nodes.Tuple) and node.ctx == "load"):
            node.items = [_filtered(item, "-plain") for item in node.items]
        elif isinstance(node, nodes.Concat | nodes.Add | nodes.Filter):
            return _filtered(node, "-charged")
        return node


def _refuse(node: nodes.Node) -> None:
    """Raises TemplateSyntaxError for what no style may hold."""
    if not isinstance(node, _NODES):
        raise TemplateSyntaxError(f"a style may not use `{type(node).__name__.lower()}`", getattr(node, "lineno", 1))
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise TemplateSyntaxError(f"a style has no filter `{node.name}`", node.lineno)
    if isinstance(node, nodes.Getattr) and not (isinstance(node.node, nodes.Name) and node.node.name == "loop"):
        raise TemplateSyntaxError(f"a style's texts and lists have no `.{node.attr}`", node.lineno)
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateSyntaxError("a style's loops may not be recursive", node.lineno)


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, node), name, [], [], None, None, lineno=node.lineno)


class _Environment(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what a loop says of itself: texts and lists have no attributes in a style."""
        return isinstance(obj, LoopContext) and attr in (
            "first",
            "last",
            "index",
            "index0",
            "revindex",
            "length",
        )


def environment() -> ImmutableSandboxedEnvironment:
    """The environment that every style is compiled in: no globals, no loader, unknown names are errors."""
    made = _Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.filters |= {"join": _join, "-charged": _charged, "-plain": _plain, "-turns": _turns}
    return made


def compiled(made: ImmutableSandboxedEnvironment, source: str, file: str) -> Template:
    """`source` as a template. Raises TemplateSyntaxError, with a line."""
    tree = _Fence().visit(made.parse(source, filename=file))
    return Template.from_code(made, made.compile(tree, filename=file), made.make_globals(None))


def rendered(template: Template, context: Mapping[str, Any], *exports: str) -> tuple[str, ...]:
    """The template's output, then the variables named in `exports` that it sets ("" where it does not).

    Raises what the template raises: UndefinedError, SecurityError, TypeError, ...
    """
    module = template.make_module({**context, _BUDGET: Budget()})
    return str(module), *(str(getattr(module, name, "")) for name in exports)
