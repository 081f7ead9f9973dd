"""The schedule of faults: what is done to whom and when, from a seed alone."""

import random
from dataclasses import dataclass

EVERY = 2.0  # seconds from one fault to the next, on average
CALM_FIRST = 3.0  # the first polls
SERVICES = ("fetcher-0", "fetcher-1", "extractor-0", "extractor-1", "deduper-0", "deduper-1", "delivery-0")
WORKERS = ("worker extractor-0", "worker extractor-1", "worker deduper-0", "worker deduper-1")
CHILDREN = ("child extractor-0", "child extractor-1", "child deduper-0", "child deduper-1")
CONSUMERS = ("consumer-0", "consumer-1")
# Kind of a fault, how often it comes, and from and to how many seconds it lasts.
KINDS = (
    ("kill", 55, (0.0, 0.0)),
    ("kill redis", 10, (0.2, 2.5)),
    ("stop", 13, (0.5, 8.0)),
    ("stop long", 5, (16.0, 24.0)),  # longer than any lease or sign of life
    ("stop redis", 2, (1.0, 6.0)),
    ("fill", 4, (1.0, 6.0)),
    ("drop redis", 4, (0.0, 0.0)),
    ("stall redis", 2, (1.0, 6.0)),
    ("slow redis", 2, (1.0, 6.0)),
    ("drop site", 2, (0.0, 0.0)),
    ("stall site", 1, (1.0, 4.0)),
    ("slow site", 1, (1.0, 4.0)),
)


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        at: Seconds from the start.
        kind: What is done.
        whom: To whom, where several could be meant.
        seconds: For how long.
        lost: Seconds of its file that Redis loses when it is killed; 0: none.
    """

    at: float
    kind: str
    whom: str = ""
    seconds: float = 0.0
    lost: float = 0.0


def plan_faults(seed, duration):
    """The faults of a run, in the order of time; the same for the same seed.

    In the first half Redis syncs its file every second, and half of its deaths cost it what it wrote since; in the second
    half it syncs always.
    """
    rng = random.Random(f"faults {seed}")
    faults, at = [], CALM_FIRST
    while (at := at + rng.expovariate(1 / EVERY)) < duration:
        kind, _, (least, most) = rng.choices(KINDS, [weight for _, weight, _ in KINDS])[0]
        whom, lost = "", 0.0
        groups = {"kill": (SERVICES, WORKERS, CHILDREN, CONSUMERS), "stop": (SERVICES, WORKERS, CHILDREN, CONSUMERS)}
        groups["stop long"] = (SERVICES, SERVICES, WORKERS, CONSUMERS)
        if kind in groups:
            whom = rng.choice(rng.choices(groups[kind], (7, 4, 3, 2))[0])
        cut = rng.uniform(1.0, 2.0) if rng.random() < 0.6 else 0.0
        if kind == "kill redis" and at < duration / 2:
            lost = cut
        faults.append(Fault(round(at, 3), kind, whom, round(rng.uniform(least, most), 3), round(lost, 3)))
    return faults
