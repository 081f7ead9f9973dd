"""Who owns a text and whom it is credited to, as short numbers that the index keeps with each document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xxhash import xxh32_intdigest

from copydesk.models import Credit

NOBODY = 0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document says that it comes from.

    Attributes:
        owners: Whose own text it would be: its host's, and its agency's where the host is an agency's own.
        credit: Whom it is credited to, where that is somebody else; ``NOBODY`` otherwise.
    """

    owners: tuple[int, ...] = ()
    credit: int = NOBODY

    @property
    def owner(self) -> int:
        """The first of its owners."""
        return self.owners[0] if self.owners else NOBODY


def provenance(names: Iterable[str], credited_to: Sequence[Credit]) -> Provenance:
    """Return where a document comes from.

    Args:
        names: Names of its owner: the agency whose host it is on, if any, and the host.
        credited_to: What its text says. An original publisher is nearer to it than the agency behind both.
    """
    owners = tuple(_number(name) for name in names if name)
    credited = sorted(credited_to, key=lambda credit: credit.kind != "publisher")
    credit = _number(credited[0].name) if credited else NOBODY
    return Provenance(owners, NOBODY if credit in owners else credit)


def _number(name: str) -> int:
    # Never 0, which is nobody.
    return xxh32_intdigest(name.casefold().removeprefix("www.").encode("utf-8", "surrogatepass")) or 1
