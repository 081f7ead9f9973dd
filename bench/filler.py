"""Fills the copy index as admissions would, but without a look-up each: ten million documents in minutes, not hours."""

import itertools
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import redis
import synthetic

from copydesk.core.candidates import FEW, HOT, KEY_BITS
from copydesk.ports import Wanted
from copydesk.runtime import index_layout as layout

PART = 1_000
"""Documents made at a time: their arrays fit a processor's cache."""
KNOWN_PART = 100_000
TTL = 14 * 86_400


def document_ids(numbers):
    """Return the ids of documents, 24 hexadecimal digits each."""
    high, low = synthetic.mixed(numbers, 21).tolist(), synthetic.mixed(numbers, 22).tolist()
    return [f"{first:016x}{second >> 32:08x}" for first, second in zip(high, low, strict=True)]


def fill(index, url, count, *, now, length, slices=3, processes=2, generate=synthetic.generate):
    """Put documents into the last ``slices`` time slices, as many into each; return the number of the last.

    Args:
        index: A ``RedisIndex`` on that server; it opens the slices.
        url: Of the server.
        count: Documents.
        now: Unix time; the last slice is the one of then.
        length: Seconds of a slice.
        slices: Time slices.
        processes: That work at a time.
        generate: Makes documents, as ``synthetic.generate`` does.
    """
    client = redis.Redis.from_url(url)
    # As in a window that has slid for a while: a slice that is gone took as many, and the first of these knows it.
    before = count // slices
    client.hset(layout.SLICES, int((now - slices * length) // length), f"{layout.FIRST_BITS} 0")
    bounds = [before + count * part // slices for part in range(slices + 1)]
    jobs = []
    for part, (start, end) in enumerate(itertools.pairwise(bounds)):
        client.set(layout.NUMBER, start)
        time = now - (slices - 1 - part) * length
        empty = next(synthetic.generate(0, 1).fingerprinted())
        index.look_up([Wanted("0" * 24, empty)], now=time)
        period = int(time // length)
        bits = int(client.hget(layout.SLICES, period).split()[0])
        jobs.append(((url, period, bits), {"first": start + 1, "count": end - start, "generate": generate}))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(fill_slice, *places, **documents) for places, documents in jobs]:
            done.result()
    client.set(layout.NUMBER, bounds[-1])
    return bounds[-1]


def fill_slice(url, period, bits, *, first, count, generate):
    """Put documents into one time slice."""
    client = redis.Redis.from_url(url)
    entries = []
    rest = b""
    for start in range(first, first + count, PART):
        batch = generate(start, min(PART, first + count - start))
        numbers = np.arange(start, start + len(batch.lengths), dtype=np.uint64)
        rest = _records(client, batch, numbers, rest, last=start + len(numbers) == first + count)
        entries.append(_entries(batch, bits))
    for start in range(first, first + count, KNOWN_PART):
        _known(client, period, bits, np.arange(start, min(start + KNOWN_PART, first + count), dtype=np.uint64))
    _buckets(client, period, np.concatenate(entries))


def _records(client, batch, numbers, rest, last):
    """Write the chunks that are full; return the beginning of the next."""
    ids = document_ids(numbers)
    models = document_ids(numbers - np.uint64(1))
    with client.pipeline(transaction=False) as pipe:
        for number, id_, model, copy, prints in zip(
            numbers.tolist(), ids, models, batch.copies.tolist(), batch.fingerprinted(), strict=True
        ):
            cluster, founded = (model, number - 1) if copy else (id_, 0)
            rest += layout.with_head(number, layout.pack_record(id_, cluster, founded, prints))
            if number % layout.CHUNK == layout.CHUNK - 1:
                pipe.append(layout.chunk_key(number // layout.CHUNK), rest)
                pipe.expire(layout.chunk_key(number // layout.CHUNK), TTL)
                rest = b""
                if len(pipe) >= 1000:
                    pipe.execute()
        if last and rest:
            pipe.append(layout.chunk_key(int(numbers[-1]) // layout.CHUNK), rest)
        pipe.execute()
    return rest


def _known(client, period, bits, numbers):
    hashes = {}
    for number, id_ in zip(numbers.tolist(), document_ids(numbers), strict=True):
        fields = hashes.setdefault(layout.known_key(id_, period, bits), {})
        fields[layout.known_field(id_)] = layout.pack_known(number, 1, number)
    with client.pipeline(transaction=False) as pipe:
        for key, fields in hashes.items():
            pipe.hset(key, mapping=fields)
            pipe.expire(key, TTL)
            if len(pipe) >= 1000:
                pipe.execute()
        pipe.execute()


def _entries(batch, bits):
    """Return bucket, tag and number of every entry."""
    rank = np.arange(len(batch.shingles)) - np.repeat(np.cumsum(batch.shingled) - batch.shingled, batch.shingled)
    numbers = np.repeat(np.arange(batch.first, batch.first + len(batch.lengths)), batch.shingled)
    kept = rank < np.repeat(synthetic.entered(batch.tokens), batch.shingled)
    keys = batch.shingles[kept] & np.uint64((1 << KEY_BITS) - 1)
    entries = np.empty(len(keys), dtype=[("bucket", "<u4"), ("tag", "<u2"), ("number", "<u4")])
    entries["bucket"], entries["tag"] = layout.buckets(keys, bits), layout.tags(keys)
    entries["number"] = numbers[kept]
    return entries


def _buckets(client, period, entries):
    keys = entries["bucket"].astype(np.uint64) << np.uint64(16) | entries["tag"]
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    rank = np.arange(len(keys)) - np.searchsorted(ranked, ranked)
    kept = np.sort(order[rank < max(HOT, FEW)])
    entries = entries[kept]
    entries = entries[np.argsort(entries["bucket"], kind="stable")]
    buckets, starts = np.unique(entries["bucket"], return_index=True)
    values = np.empty(len(entries), dtype=layout.ENTRY)
    values["tag"], values["number"] = entries["tag"], entries["number"]
    raw, size = values.tobytes(), layout.ENTRY.itemsize
    ends = np.r_[starts[1:], len(entries)]
    with client.pipeline(transaction=False) as pipe:
        for bucket, start, end in zip(buckets.tolist(), starts.tolist(), ends.tolist(), strict=True):
            pipe.set(layout.bucket_key(period, bucket), raw[start * size : end * size], ex=TTL)
            if len(pipe) >= 2000:
                pipe.execute()
        pipe.execute()
