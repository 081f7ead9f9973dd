"""The sink ``kafka``: a message a document, in a topic; CloudEvents in binary mode (Kafka protocol binding 1.0.2, 3.2)."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from copydesk.errors import SourceError, UsageError
from copydesk.models import SECRET_NAME
from copydesk.runtime.delivery_file import SinkOptions
from copydesk.runtime.groups import Entry
from copydesk.runtime.secrets import Secrets
from copydesk.runtime.settings import Settings
from copydesk_services.delivery.sink import Away, Refused, Setting, SinkKind, document_of
from copydesk_services.delivery.threads import in_thread

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer

# What the guarantees rest on is not for the file to change.
_OURS: Final = frozenset({"bootstrap.servers", "enable.idempotence", "acks", "message.timeout.ms", "client.id"})
_STEP_SECONDS: Final = 0.2


class Options(SinkOptions):
    """What this kind of sink has."""

    kind: Literal["kafka"] = "kafka"
    servers: str = Field(min_length=1, max_length=2_000, description="HOST:PORT of brokers, with commas between.")
    topic: str = Field(max_length=249, pattern=r"^[A-Za-z0-9._-]+$")
    timeout: float = Field(30.0, ge=1, le=300, description="Seconds in which a broker must have confirmed a message.")
    config: dict[str, str | int | bool] = Field({}, max_length=100, description="More of librdkafka's settings.")
    secret: str | None = Field(None, pattern=f"^{SECRET_NAME}$", description="Name of a secret with more of them.")


class Kafka:
    """Produces messages, and waits until each is confirmed."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self._options = options
        self._settings = settings
        self._producer: Producer | None = None
        self._stop = threading.Event()

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Produce them in order; returns when all replicas that are in step have them."""
        await in_thread(self._produce, entries, stop=self._stop.set)

    async def rest(self) -> None:
        """Let the client look after its connections."""
        if self._producer is not None:
            await in_thread(self._producer.poll, 0)

    def close(self) -> None:
        """Drop what is not confirmed: it comes again."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.close()
            self._producer = None

    def _produce(self, entries: Sequence[Entry]) -> None:
        from confluent_kafka import KafkaException  # noqa: PLC0415 -- an optional dependency

        outcomes: list[KafkaError | Literal["unknown"] | None] = ["unknown"] * len(entries)
        sent, refusal = 0, None
        try:
            producer = self._connected()
            for place, entry in enumerate(entries):
                self._send(producer, entry, outcomes, place)
                sent += 1
        except KafkaException as error:
            refusal = self._trouble(error.args[0], sent)
        except Refused as error:
            refusal = error
        if self._producer is not None:
            deadline = time.monotonic() + self._options.timeout + 1
            while self._producer.flush(_STEP_SECONDS) and time.monotonic() < deadline and not self._stop.is_set():
                pass
        for place, outcome in enumerate(outcomes[:sent]):
            if outcome is not None:
                raise self._trouble(outcome, place)
        if refusal is not None:
            raise refusal

    def _send(self, producer: Producer, entry: Entry, outcomes: list[Any], place: int) -> None:
        def confirmed(error: KafkaError | None, message: object) -> None:
            outcomes[place] = error

        headers: list[tuple[str, str | bytes | None]] = [
            ("content-type" if name == b"ce_datacontenttype" else name.decode(), value)
            for name, value in entry.fields.items()
            if name.startswith(b"ce_")
        ]
        value = document_of(entry, place)
        while True:
            try:
                producer.produce(
                    self._options.topic, value, entry.fields.get(b"id"), on_delivery=confirmed, headers=headers
                )
            except BufferError:  # what is on its way must be confirmed first
                if self._stop.is_set():
                    raise Away("told to stop", place) from None
                producer.poll(_STEP_SECONDS)
            else:
                producer.poll(0)
                return

    def _trouble(self, error: KafkaError | Literal["unknown"], place: int) -> Refused | Away:
        from confluent_kafka import KafkaError  # noqa: PLC0415

        if not isinstance(error, str) and error.code() in (
            KafkaError.MSG_SIZE_TOO_LARGE,
            KafkaError.INVALID_MSG,
            KafkaError.INVALID_RECORD,
            KafkaError.POLICY_VIOLATION,
        ):
            return Refused(error.str(), place)
        # After a gap an idempotent producer must not go on; a new one begins behind what is confirmed.
        self.close()
        return Away("not confirmed in time" if isinstance(error, str) else error.str(), place)

    def _connected(self) -> Producer:
        if self._producer is None:
            from confluent_kafka import Producer  # noqa: PLC0415

            try:
                self._producer = Producer(config_of(self._options, self._settings), logger=_Silent())
            except (SourceError, UsageError) as error:
                raise Away(str(error)) from None
        return self._producer


class _Silent:
    """What the client logs while a broker is away says the sink, once."""

    def log(self, *_: object, **__: object) -> None:
        """Drop it."""

    def isEnabledFor(self, _: int) -> bool:  # noqa: N802 -- a logger's
        """Nothing is wanted."""
        return False


def config_of(options: Options, settings: Settings) -> dict[str, str | int | float | bool]:
    """Settings of the client.

    Raises:
        SourceError: the secret cannot be read.
        UsageError: a setting is copydesk's own, or the secret holds none.
    """
    more: dict[str, str | int | bool] = dict(options.config)
    if options.secret is not None:
        for line in Secrets(settings).text(options.secret).splitlines():
            name, equals, value = line.strip().partition("=")
            if not equals:
                raise UsageError(f"secret={options.secret!r}: each line must be NAME=VALUE, as in sasl.password=...")
            more[name.strip()] = value.strip()
    for name in more:
        if name in _OURS:
            raise UsageError(f"config: {name} is set by copydesk")
    return {
        "linger.ms": 5,
        **more,
        "bootstrap.servers": options.servers,
        "client.id": "copydesk",
        "enable.idempotence": True,
        "acks": "all",
        "message.timeout.ms": int(options.timeout * 1000),
    }


@asynccontextmanager
async def _opened(options: Options, setting: Setting) -> AsyncIterator[Kafka]:
    sink = Kafka(options, setting.settings)
    try:
        yield sink
    finally:
        await asyncio.to_thread(sink.close)


def _check(options: Options, settings: Settings) -> None:
    if importlib.util.find_spec("confluent_kafka") is None:
        raise UsageError("kind='kafka' needs the package confluent-kafka: pip install 'copydesk[kafka]'")
    from confluent_kafka import KafkaException, Producer  # noqa: PLC0415

    try:
        Producer(config_of(options, settings), logger=_Silent()).close()
    except KafkaException as error:
        raise UsageError(f"config: {error.args[0].str()}") from None
    except SourceError as error:
        raise UsageError(str(error)) from None


KIND: Final = SinkKind(Options, _opened, _check)
