"""When a block that a site repeats is learned: what is enough evidence, and how much of it is kept. See ``core.sites``."""

from __future__ import annotations

from dataclasses import dataclass

DAYS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Enough:
    """When there is enough evidence. The defaults are measured: docs/adr/0007-learned-boilerplate.md.

    Attributes:
        evidence: Recent stories that carry the block, times their share of the host's recent stories: 12 stories of 12
            weigh as much as 24 of 48. Since about 200 stories are recent, it sets the least share too: of 12, a quarter.
        days: Different days that those stories are of, at least; at most ``DAYS_KEPT``.
        blocks: Blocks of one host that are watched or learned, at most.
    """

    evidence: float = 12.0
    days: int = 4
    blocks: int = 128


DEFAULT = Enough()
