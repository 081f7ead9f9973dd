"""Every key that copydesk keeps in Redis: its name, what it holds, and what bounds it.

Those of the copy index are in ``index_layout``; ``rq:*`` are RQ's, short-lived by the TTLs that ``queue`` gives its jobs.
"""

PREFIX = "copydesk:"

# Sources. One entry a source; the user adds and removes them.
SOURCES = PREFIX + "sources"  # hash: source id -> Source as JSON
SOURCES_HOSTS = PREFIX + "sources:hosts"  # zset: host -> unix time from which one of its sources may be polled
SOURCES_LEASES = PREFIX + "sources:leases"  # hash: source id -> token of who polls it, and in which life of the server
SOURCES_STATUS = PREFIX + "sources:status"  # hash: source id -> SourceStatus, of those that are not ok
SOURCES_COUNTS = PREFIX + "sources:counts"  # hash: SourceStatus -> number of sources, but for ok
OLD_SOURCES_DUE = PREFIX + "sources:due"  # zset: where all hosts stood together, before there was one a host

# WebSub. At most one subscription a source; it ends with its source.
PUSH_DUE = PREFIX + "push:due"  # zset: source id -> unix time of the next request to its hub (or end of a lease)
PUSH_COVERED = PREFIX + "push:covered"  # zset: source id -> unix time until which its hub is relied on
PUSH_STATES = PREFIX + "push:states"  # hash: state of subscriptions -> their number; a closed set of fields

# Frontier: items that are to be fetched. Bounded a host by COPYDESK_FRONTIER_HOST_PAGES.
FRONTIER_HOSTS = PREFIX + "frontier:hosts"  # zset: host -> unix time from which it may be asked again
FRONTIER_LEASES = PREFIX + "frontier:leases"  # zset: page id -> unix time at which its lease ends
RECHECKS = PREFIX + "rechecks"  # zset: page id -> unix time of the next look at it; bounded by rechecks.MAX_WAITING

# What became of pages.
COUNTS = PREFIX + "counts"  # hash: "stage:outcome" -> number; a closed set of fields

# Output.
DOCUMENTS = PREFIX + "documents"  # stream: originals and revisions
COPIES = PREFIX + "copies"  # stream
REJECTED = PREFIX + "rejected"  # stream
STREAM_CAPS = (
    PREFIX + "streams:caps"
)  # hash: stream -> entries at which its oldest go, where that is less than the setting
STREAMS = PREFIX + "streams"  # set: output streams that somebody made beside those of the settings; gone with them
STREAMS_FULL = (
    PREFIX + "streams:full"
)  # string: JSON, lengths and caps of streams that a live group has not read; expires
GROUPS_SEEN = PREFIX + "groups"  # hash: stream and group -> how far it had come and when that changed; gone with it
RETRACTED = (
    PREFIX + "retracted"
)  # hash: id of a document or of its page -> why and when it was taken out, as JSON; by hand


def sources_due(host: str) -> str:
    """Zset: source id -> unix time of its next poll (or end of the lease of a poll), for one host."""
    return f"{PREFIX}sources:due:{host}"


def source_state(source_id: str) -> str:
    """String: SourceState as JSON, what the last polls of a source brought (validators, body hash, failures, health)."""
    return f"{PREFIX}source:{source_id}"


def source_items(source_id: str) -> str:
    """Set: ids of the items that the source offered at its last successful poll."""
    return f"{PREFIX}source:{source_id}:items"


def source_sitemaps(source_id: str) -> str:
    """Hash: id of a sitemap that this index names -> its lastmod when it was last made due. At most COPYDESK_POLL_SITEMAPS."""
    return f"{PREFIX}source:{source_id}:sitemaps"


def subscription(source_id: str) -> str:
    """Hash: the WebSub subscription of a source, see ``subscriptions``; ends with its source."""
    return f"{PREFIX}subscription:{source_id}"


def seen(item_id: str) -> str:
    """String: marks an item as taken; its TTL starts again whenever a source offers it."""
    return f"{PREFIX}seen:{item_id}"


def frontier_host(host: str) -> str:
    """Zset: page id -> unix time from which it may be fetched, for one host."""
    return f"{PREFIX}frontier:host:{host}"


def robots(origin: str) -> str:
    """String: the robots.txt of an origin (scheme, host, port), compressed, with a TTL."""
    return f"{PREFIX}robots:{origin}"


def page(page_id: str) -> str:
    """Hash of a page; expires after its outcome.

    item, host (where it waits in the frontier), lease (a fetcher's token), way and before (``runtime.frontier``), ref, owner
    (job id, or "held"), tries a stage, outcome.
    """
    return f"{PREFIX}page:{page_id}"


def body(page_id: str) -> str:
    """String: body bytes of a page, zstd. Lives until the page has an outcome, then for its TTL."""
    return f"{PREFIX}body:{page_id}"


def extraction(page_id: str) -> str:
    """String: Extraction as JSON, zstd, between the extractor and the deduper."""
    return f"{PREFIX}extraction:{page_id}"


def site(host: str) -> str:
    """String: what a host repeats, and the evidence, see ``redis_sites``. Bounded by COPYDESK_LEARN_BLOCKS; expires."""
    return f"{PREFIX}site:{host}"


def learned(host: str) -> str:
    """String: version and keys of the blocks of a host that are removed, see ``redis_sites``. Expires with its site."""
    return f"{PREFIX}learned:{host}"


def stage(name: str) -> str:
    """Zset: page id -> unix time after which the reaper looks whether somebody still works on it, or its time has come."""
    return f"{PREFIX}stage:{name}"


def lock(name: str) -> str:
    """String: who does a task that only one process does at a time; expires."""
    return f"{PREFIX}lock:{name}"


def alive(job_id: str) -> str:
    """String: somebody works on this job; expires after a few seconds without a sign."""
    return f"{PREFIX}alive:{job_id}"


def recheck(page_id: str) -> str:
    """String: Before as JSON, what an article was like when it was last fetched; expires a week after its time."""
    return f"{PREFIX}recheck:{page_id}"


def tdmrep(origin: str) -> str:
    """String: the tdmrep.json of an origin, compressed, with a TTL."""
    return f"{PREFIX}tdmrep:{origin}"


def slot(host: str) -> str:
    """String: a request to this host runs (the token of who makes it), or its delay does (empty); expires.

    Where a host has several, ``#2`` and so on follow its name.
    """
    return f"{PREFIX}slot:{host}"


def pace(host: str) -> str:
    """String: seconds between two requests that this host's robots.txt asks for, bounded by a setting; expires."""
    return f"{PREFIX}pace:{host}"


def rest(host: str) -> str:
    """String: this host asked to be left alone (Retry-After); expires when that time is over."""
    return f"{PREFIX}rest:{host}"


def wanted(host: str) -> str:
    """String: whose turn the host's next slot is: ``poll``, a request that is no page's waits for it, or ``page``; expires."""
    return f"{PREFIX}wanted:{host}"


def selection(name: str) -> str:
    """Stream: what a selection of the delivery file lets through. Bounded like the other output streams."""
    return f"{PREFIX}selection:{name}"


def replay(name: str) -> str:
    """Stream: what ``copydesk replay`` wrote for a new consumer. Bounded by its writer, which waits; expires."""
    return f"{PREFIX}replay:{name}"


def replay_place(target: str) -> str:
    """String: how far a replay into a stream came that was interrupted, see ``replays``; expires."""
    return f"{PREFIX}replay-place:{target}"


def own(group: str) -> str:
    """Stream: what is delivered once more to one consumer group alone; what was acknowledged is deleted."""
    return f"{PREFIX}own:{group}"


def dead(group: str) -> str:
    """Stream: dead letters of one consumer group. Bounded by ``groups.MAX_DEAD``."""
    return f"{PREFIX}dead:{group}"


def failures(group: str) -> str:
    """Hash: key and id of an entry (``KEY/ID``) -> what its last try ended with, for one group; goes with its end, expires."""
    return f"{PREFIX}failures:{group}"
