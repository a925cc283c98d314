"""Runs an author's template within bounds: no code, no files, no endless loops, no endless text. Must not
know prompts.

A style may print, choose, loop and set; it may call nothing, and its values are texts, numbers and flat
lists of them. Every turn of a loop (by what stands in it), filter, test, comparison, concatenation and output is
charged to one budget, by the size of what it looks at, so the work of a render is bounded, and on every machine at the
same point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
_SORTS = 16
"""How often sorting looks at an item of a long list."""


class Budget:
    """What is left of a render's work, in characters and turns of loops."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, amount: int) -> None:
        self.left -= amount + 1
        if self.left < 0:
            raise SecurityError("the style does too much work; it may loop and repeat less")


def _size(value: Any) -> int:
    """What looking at a value costs: its characters, of a list those of its texts and one for each, of a number a
    character for each 32 bits."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(len(item) for item in value if isinstance(item, str))
    return value.bit_length() >> 5 if isinstance(value, int) else 0


@pass_context
def _charged(context: Context, value: Any) -> Any:
    """`value`, paid for; of what comes item by item, each as it comes."""
    if isinstance(value, Iterator):
        return _turns(context, value, 0)
    size = len(value) if hasattr(value, "__len__") else _size(value)
    if size > MAX_VALUE:
        raise SecurityError(f"a value of the style is longer than {MAX_VALUE:,}")
    context[_BUDGET].spend(_size(value))
    return value


@pass_context
def _turns(context: Context, items: Iterable[Any], weight: int) -> Iterator[Any]:
    """`items`, each paid for with all that is done in a turn."""
    for item in items:
        context[_BUDGET].spend(_size(item) + weight)
        yield item


def _metered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or a test of Jinja2's that is paid for by what it looks at, as often as a sort may."""
    passed = getattr(getattr(function, "jinja_pass_arg", None), "name", None)

    @pass_context
    def metered(context: Context, *values: Any, **named: Any) -> Any:
        size = sum(map(_size, values)) + sum(map(_size, named.values()))
        context[_BUDGET].spend(size * (_SORTS if function.__name__ in ("do_sort", "do_unique") else 1))
        if passed is None:
            return function(*values, **named)
        holders = {"context": context, "eval_context": context.eval_ctx, "environment": context.environment}
        return function(holders[passed], *values, **named)

    return metered


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
            node.iter = _filtered(node.iter, "-turns", nodes.Const(_nodes_in(node)))
        elif isinstance(node, nodes.Output):
            node.nodes = [
                part if isinstance(part, nodes.TemplateData) else _filtered(part, "-plain") for part in node.nodes
            ]
        elif isinstance(node, nodes.List) or (isinstance(node, nodes.Tuple) and node.ctx == "load"):
            node.items = [_filtered(item, "-plain") for item in node.items]
        elif isinstance(node, nodes.Compare):
            node.expr = _filtered(node.expr, "-charged")
            for operand in node.ops:
                operand.expr = _filtered(operand.expr, "-charged")
        elif isinstance(node, nodes.Concat | nodes.Add | nodes.Sub | nodes.Getitem | nodes.Filter):
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


def _nodes_in(node: nodes.Node) -> int:
    return sum(1 for _ in node.find_all(nodes.Node))


def _filtered(node: nodes.Node, name: str, *values: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, node), name, list(values), [], None, None, lineno=node.lineno)


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
    made = _Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, optimized=False)
    made.globals.clear()
    made.filters = {name: _metered(made.filters[name]) for name in FILTERS}
    made.tests = {name: _metered(cast(Callable[..., Any], test)) for name, test in made.tests.items()}
    made.filters |= {"join": _metered(_join), "-charged": _charged, "-plain": _plain, "-turns": _turns}
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
