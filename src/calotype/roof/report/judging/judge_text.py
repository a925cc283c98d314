"""The judge judged, as text of 80 columns: each scorer against what people chose, and which weights would do better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, clip, harmless, pad
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.project.judge_report import JudgeReport, ScorerAgreement, ScorerPair

WIDTH = 80
LUCK = 0.05
"""Above it, drawing lots may do as well."""
_NAME = 18
"""Columns of the name of a scorer."""
_NAMED = 5
"""So many targets are named without -v."""
_COLUMNS = ("weight", "choices", "had it first", "95 % of them", "chance", "by luck")


def describe_judge(report: JudgeReport, *, verbose: bool, stream: TextIO) -> str:
    style = Style(stream)
    paragraphs = [_head(report, style)]
    if report.scorers:
        paragraphs += [_table(report, style), _verdict(report)]
        paragraphs += [_matrix(report.pairs, style)] if report.pairs else []
    paragraphs += [*_weights(report, style), *_left_out(report, verbose)]
    return "\n\n".join(paragraphs)


def _head(report: JudgeReport, style: Style) -> str:
    count = report.picks + report.approvals
    if not count:
        left = len(report.left_out)
        none = (f"Of {count_text(left, 'decided target')} none can be held against scores, for the reasons below."
                if left else "No human has chosen among candidates yet: `calotype pick` and `calotype approve` do.")
        return _wrapped(f"{none} {report.needed} choices tell a useful judge from chance; weights are fitted to "
                        f"{report.needed_to_fit} or more.")
    kinds = f"{count_text(report.picks, 'pick')}, {count_text(report.approvals, 'approval')}"
    head = (f"{style.paint(count_text(count, 'human choice'), 'bold')} ({kinds}), "
            f"of {report.candidates:.1f} candidates on average.")
    if not report.approvals:
        return head
    return f"{head}\n{_wrapped('An approval says yes to what the scorers had put there: it speaks for them.')}"


def _table(report: JudgeReport, style: Style) -> str:
    rows = [*report.scorers, report.total]
    width = min(_NAME, max(len(row.scorer) for row in rows))
    lines = [style.paint("  ".join([pad("scorer", width), *_COLUMNS]), "cyan")]
    for row in rows:
        values = [value.rjust(len(column)) for value, column in zip(_values(row, report), _COLUMNS, strict=True)]
        line = "  ".join([pad(clip(row.scorer, width), width), *values])
        lines.append(style.paint(line, "bold") if row is report.total else line)
    return "\n".join(lines)


def _values(row: ScorerAgreement, report: JudgeReport) -> tuple[str, ...]:
    weight = "varies" if row.weight is None else "" if row is report.total else _percent(row.weight)
    if row.first is None or row.low is None or row.high is None or row.luck is None:
        return weight, str(row.picks), "-", "-", "-", "-"
    interval = f"{100 * row.low:.0f}-{_percent(row.high)}"
    return weight, str(row.picks), _percent(row.first), interval, _percent(row.chance), luck_text(row.luck)


def luck_text(luck: float) -> str:
    """`< 0.1 %`, `0.4 %`, `12 %`."""
    return "< 0.1 %" if luck < 0.001 else f"{100 * luck:.1f} %" if luck < 0.095 else _percent(luck)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _verdict(report: JudgeReport) -> str:
    lines = ["`by luck`: how often drawing lots would have the human's choice first as often."]
    rows = [row for row in (*report.scorers, report.total) if row.luck is not None]
    better = [row.scorer for row in rows if row.luck is not None and row.luck <= LUCK]
    others = [row.scorer for row in rows if row.scorer not in better]
    count = report.picks + report.approvals
    if better:
        lines.append(f"Better than chance: {_listed(better)}.")
    if others:
        lines.append(f"No better than chance, as far as {count_text(count, 'choice')} can tell: {_listed(others)}.")
    if count < report.needed:
        lines.append(f"{report.needed} choices would tell a useful judge (three times the odds of chance) from chance "
                     f"four times in five: {report.needed - count} more are needed.")
    return "\n".join(map(_wrapped, lines))


def _matrix(pairs: Sequence[ScorerPair], style: Style) -> str:
    """The lower half of the table of rank correlations; columns are numbered."""
    names = list(dict.fromkeys(name for pair in pairs for name in (pair.scorer, pair.other)))
    rho = {frozenset((pair.scorer, pair.other)): pair.rho for pair in pairs}
    width = min(_NAME, max(map(len, names)))
    each = max(3, min(7, (WIDTH - width - 4) // len(names)))
    lines = ["Who orders candidates alike (Spearman's rho within targets, -1 to 1)",
             style.paint(f"    {'':{width}}" + "".join(f"{number:>{each}}" for number in range(1, len(names))), "cyan")]
    for row, name in enumerate(names):
        values = (rho.get(frozenset((name, other))) for other in names[:row])
        cells_of_row = "".join(f"{_rho(value, each):>{each}}" for value in values)
        lines.append(f"{row + 1:>2}  {pad(clip(name, width), width)}{cells_of_row}".rstrip())
    return "\n".join(lines)


def _rho(value: float | None, width: int) -> str:
    return "-" if value is None else f"{value:.{1 if width < 6 else 2}f}"


def _weights(report: JudgeReport, style: Style) -> Iterator[str]:
    """What the fit came to, and the change that it suggests."""
    count, fitted = report.picks + report.approvals, report.fitted
    if not report.scorers:
        return
    if len(report.scorers) < 2:
        yield "There is one scorer: there are no weights to fit."
    elif count < report.needed_to_fit:
        yield _wrapped(f"Weights are fitted to {report.needed_to_fit} choices or more, so that they learn more than "
                       f"luck: {report.needed_to_fit - count} more are needed.")
    elif fitted is None:
        yield "No scorer, with whatever weight, makes these choices likelier than chance."
    else:
        weights = ", ".join(f"{name} {weight:g}" for name, weight in fitted.weights.items() if weight)
        yield _wrapped(
            f"Fitted weights ({weights}) had the human's choice first in {_percent(fitted.first)} of targets that they "
            f"were not fitted to, the weights in use in {_percent(fitted.present)}: right in {fitted.better} where "
            f"those were wrong, wrong in {fitted.worse} where those were right.")
        if report.change:
            yield _wrapped(f"As much by luck: {luck_text(fitted.luck)}. Calotype writes nothing; this change is yours:")
            yield "\n".join(_painted(line, style) for line in report.change.splitlines())
        else:
            yield _wrapped(f"As much by luck: {luck_text(fitted.luck)}. No other weights are suggested.")


def _painted(line: str, style: Style) -> str:
    if line.startswith(("---", "+++")):
        return style.paint(line, "bold")
    return style.paint(line, "green" if line.startswith("+") else "red" if line.startswith("-") else "plain")


def _left_out(report: JudgeReport, verbose: bool) -> Iterator[str]:
    if report.not_here:
        names = [f"{name} ({harmless(why)})" if verbose else name for name, why in report.not_here.items()]
        yield _wrapped(f"Not on this machine, so not judged: {_listed(names)}{'' if verbose else ' (-v says why)'}.")
    if report.absent:
        count = sum(report.absent.values())
        yield _wrapped(f"The bytes of {count_text(count, 'candidate')} are gone, which are not rendered anew for this: "
                       f"{_some([f'{name} ({number})' for name, number in report.absent.items()], verbose)}.")
    by_reason = Counter(each.reason for each in report.left_out)
    lines = []
    for reason, _ in by_reason.most_common():
        names = [each.target for each in report.left_out if each.reason == reason]
        lines.append(_wrapped(f"Left out, {reason}: {_some(names, verbose)}."))
    if lines:
        yield "\n".join(lines)


def _some(names: Sequence[str], verbose: bool) -> str:
    if verbose or len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more (-v names them)"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))
