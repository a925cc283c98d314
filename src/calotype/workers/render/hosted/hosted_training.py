"""A LoRA that a service trains, for money: what decides it, what it costs, and the file that comes of it.

It is bought as pictures are, by the same journal and under the same ceilings. fal_client is imported by `train` alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.digest import canonical_json, sha256
from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.hosted.buying import Buying
from calotype.workers.render.hosted.faults import Lost, NotNow, Refused

if TYPE_CHECKING:
    from calotype.store.hosted_journal import Purchase
    from calotype.workers.render.hosted.purchasing import Purchasing

EPOCH = 1
FAST = "fal-ai/flux-lora-fast-training"
STEPS, RANK = 1000, 16
SECONDS = 1800.0
"""Of a training, as long as none is recorded."""
POLL, TRIES = 3.0, 6
"""Seconds between two looks; times that something is asked for which may be had later."""


@dataclass(frozen=True, slots=True)
class HostedJob:
    """`digest` is of the exported set, `steps` and `rank` as people wrote them."""

    endpoint: str
    digest: str
    trigger_word: str
    steps: int = STEPS
    rank: int = RANK

    @property
    def trainer(self) -> Mapping[str, Any] | None:
        """What is known of its endpoint; None where nothing is."""
        return trainers().get(self.endpoint)

    def components(self) -> dict[str, Any]:
        """All that decides the LoRA beside the set, as JSON."""
        return {"trainer": "hosted", "epoch": EPOCH, "endpoint": self.endpoint, "steps": self.steps, "rank": self.rank,
                "trigger_word": self.trigger_word, "arguments": dict((self.trainer or {}).get("arguments", {}))}

    @property
    def about(self) -> str:
        """What a person knows it by, among those that a service tells of."""
        return f"{self.trigger_word}, {self.steps} steps"

    @property
    def key(self) -> str:
        return sha256(canonical_json({"action": "train", "set": self.digest, **self.components()}))

    def price(self, buying: Buying) -> float | None:
        """US dollars; None where no price is known."""
        price = buying.prices.get(self.endpoint) or (self.trainer or {}).get("price")
        if price is None:
            return None
        return float(price["step"]) * self.steps if "step" in price else float(price.get("image", 0.0)) or None

    def arguments(self, address: str) -> dict[str, Any]:
        """What the service is sent, with the set at `address`."""
        trainer = self.trainer
        assert trainer is not None, "an endpoint that is not known is refused before"
        return {**trainer["arguments"], trainer["pictures"]: address, trainer["trigger"]: self.trigger_word,
                trainer["steps"]: self.steps}

    def fault(self) -> str:
        """Why the service cannot train it; empty where it can."""
        if self.trainer is None:
            return f"`{self.endpoint}` is no trainer that is known: {', '.join(trainers())} is"
        if self.rank != self.trainer["rank"]:
            return f"`{self.endpoint}` trains at rank {self.trainer['rank']} alone, not {self.rank}"
        return ""


@cache
def trainers() -> Mapping[str, Mapping[str, Any]]:
    """What is known of endpoints that train, by their names."""
    table: dict[str, dict[str, Any]] = json.loads(
        Path(__file__).with_name("trainers.json").read_text(encoding="utf-8"))
    return table


class Interrupted(Exception):
    """The build was stopped; the service may go on."""


def train(
    job: HostedJob, archive: Path, buying: Buying, cancel: Callable[[], bool], scratch: Path
) -> tuple[bytes, dict[str, Any]]:
    """The LoRA's file, and facts about the purchase: bought, or fetched where it was bought before. `archive` is the
    zip of the set, `scratch` a folder to look at the file in. Raises Refused, and Interrupted once `cancel()` is
    true."""
    from calotype.store.hosted_journal import Journal
    from calotype.workers.render.hosted.purchasing import Pace, Purchasing
    from calotype.workers.render.hosted.queue_client import Queue

    price = job.price(buying)
    assert buying.journal is not None and price is not None, "it was looked at before"
    begun, queue = time.monotonic(), Queue(buying.timeout)
    try:
        purchasing = Purchasing(buying, Journal(buying.journal), queue, Pace(0.0), cancel)
        purchase = purchasing.known(job.key) or purchasing.bought(
            job.key, job.endpoint, price, lambda: job.arguments(queue.upload(job.digest, archive)), job.about)
        if purchase is None:
            raise Interrupted
        data = _waited(job, purchase, purchasing, buying, cancel, scratch)
        purchasing.fetched(purchase)
    finally:
        queue.close()
    return data, {"endpoint": purchase.endpoint, "request": purchase.request, "price": purchase.price,
                  "seconds": round(time.monotonic() - begun, 3), "steps": job.steps}


def _waited(
    job: HostedJob, purchase: Purchase, purchasing: Purchasing, buying: Buying, cancel: Callable[[], bool],
    scratch: Path,
) -> bytes:
    from calotype.workers.render.hosted.downloads import AGAIN

    tries = 0
    while not cancel():
        try:
            answer = purchasing.answer(purchase)
            if answer is not None:
                return _file(job, answer, buying, scratch)
            tries = 0
        except (NotNow, Lost) as failure:
            tries += 1
            if tries == TRIES:
                raise (purchasing.lost(purchase, failure) if isinstance(failure, Lost)
                       else Refused(str(failure), AGAIN)) from None
        purchasing.sleep(POLL)
    raise Interrupted


def _file(job: HostedJob, answer: Any, buying: Buying, scratch: Path) -> bytes:
    """The LoRA that an answer tells of, whole and of the rank that was asked for."""
    from calotype.workers.render.hosted.downloads import AGAIN, fetch_file
    from calotype.workers.render.hosted.safetensors_look import rank_of

    trainer = job.trainer or {}
    row = answer.get(trainer["lora"]) if isinstance(answer, Mapping) else None
    address = row.get("url") if isinstance(row, Mapping) else None
    if not isinstance(address, str):
        raise Refused(f"fal's answer names no `{trainer['lora']}`", AGAIN)
    data = fetch_file(address, buying.hosts, buying.timeout)
    try:
        rank = rank_of(data, scratch)
    except ValueError as fault:
        raise NotNow(f"what fal gives as the LoRA {fault}") from None
    if rank != job.rank:
        raise Refused(f"the LoRA is of rank {rank}, and {job.rank} was asked for",
                      "it is paid for; write the rank that it has")
    return data
