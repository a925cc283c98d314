"""What is at work behind the routes of one project."""

from __future__ import annotations

from pathlib import Path

from calotype.ground.light_dataclass import dataclass
from calotype.roof.studio.bugs import Bugs
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.decider import Decider
from calotype.roof.studio.feed import Feed
from calotype.roof.studio.storyboards.generations import Generations


@dataclass(frozen=True, slots=True)
class Works:
    """Those who build, decide and write the project at `root`, and who tells of it."""

    root: Path
    feed: Feed
    builder: Builder
    decider: Decider
    generations: Generations
    bugs: Bugs

    def start(self) -> None:
        self.builder.start()
        self.generations.start()

    def end(self) -> None:
        """Ends when what is in work is finished."""
        self.builder.stop()
        self.generations.stop()
        self.builder.join()
        self.generations.join()
        self.decider.close()
