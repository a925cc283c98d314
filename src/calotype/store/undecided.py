"""What is said of a purchase that a person must decide about."""

from __future__ import annotations

from datetime import UTC, datetime

from calotype.store.hosted_journal import Purchase


def told(purchase: Purchase) -> tuple[str, str]:
    """What is known of it on one line, and what to do."""
    when = datetime.fromtimestamp(purchase.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    price, command = f"{purchase.price:.2f} USD", f"calotype hosted retry {purchase.id}"
    if purchase.state == "lost":
        return (f"it was bought on {when} ({purchase.endpoint}, {price}), and fal has it no more",
                f"`{command}` buys it again; where fal's dashboard shows it by another id, `{command} --request-id ID`"
                " fetches it")
    why = f": {purchase.why}" if purchase.why else ""
    return (f"it may have been bought on {when} ({purchase.endpoint}, {price}), and nobody can say{why}",
            f"look for it among your requests at fal, then `{command}` or `calotype hosted forget {purchase.id}`")
