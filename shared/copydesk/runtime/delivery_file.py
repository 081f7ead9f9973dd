"""The delivery file: selections (streams of a user's own, by filter) and sinks, in TOML; read once, when a process starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from copydesk.core.selections import Selection
from copydesk.errors import SettingsError
from copydesk.runtime.settings import Settings
from copydesk.runtime.stream_names import STREAMS

MAX_FILE_BYTES: Final = 1_000_000
MAX_SELECTIONS: Final = 100
MAX_SINKS: Final = 100
# Streams, what stands before a name of one, and the sink that is built in.
_RESERVED: Final = frozenset({*STREAMS, "replay", "dead", "own", "emitted"})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

Options = TypeVar("Options", bound=BaseModel)


class SinkOptions(BaseModel):
    """What every kind of sink has; each kind adds its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    streams: Annotated[tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = (
        Field(("documents",), alias="from", min_length=1, max_length=MAX_SELECTIONS, description="Names of streams.")
    )
    tries: int = Field(
        5, ge=1, le=100, description="Tries of an entry that is refused, before it goes to the dead letters."
    )
    batch: int = Field(100, ge=1, le=1_000, description="Entries that are delivered together, at most.")


@dataclass(frozen=True)
class DeliveryFile:
    """What stands in the file.

    Attributes:
        path: Of the file; None where there is none.
        selections: By name.
        sinks: Options by name, as they stand there: what they may be, their kind says.
    """

    path: Path | None = None
    selections: Mapping[str, Selection] = field(default_factory=dict)
    sinks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def options(self, name: str, model: type[Options]) -> Options:
        """The options of a sink, as its kind has them.

        Raises:
            SettingsError: one is not allowed.
        """
        return _checked(self.path, f"sink.{name}", self.sinks[name], model)

    def error(self, table: str, message: str) -> SettingsError:
        """What is wrong with a table of the file, as it is told."""
        return _error(self.path, f"[{table}] {message}")


def load_delivery_file(settings: Settings) -> DeliveryFile:
    """The delivery file that the settings name, or an empty one.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong: the table, the key, the value and what is allowed.
    """
    return DeliveryFile() if settings.delivery_file is None else _read(settings.delivery_file)


@cache
def _read(path: Path) -> DeliveryFile:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE_BYTES:
        raise _error(path, f"is larger than {MAX_FILE_BYTES} bytes")
    try:
        data = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _error(path, f"is no TOML: {error}") from None
    for key in data:
        if key not in ("selection", "sink"):
            raise _error(path, f"[{key}]: there are only [selection.NAME] and [sink.NAME]")
    selections = {
        name: _checked(path, f"selection.{name}", table, Selection)
        for name, table in _tables(path, data, "selection", MAX_SELECTIONS).items()
    }
    sinks = _tables(path, data, "sink", MAX_SINKS)
    for name, table in sinks.items():
        _check_streams(path, name, table, selections)
    return DeliveryFile(path, selections, sinks)


def _tables(path: Path, data: Mapping[str, Any], key: str, most: int) -> dict[str, dict[str, Any]]:
    tables = data.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise _error(path, f"[{key}]: must hold tables, as in [{key}.mine]")
    if len(tables) > most:
        raise _error(path, f"[{key}]: {len(tables)} tables; at most {most} are allowed")
    for name in tables:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise _error(
                path,
                f"[{key}.{name[:80]}]: a name has lower-case letters, digits, '-' and '_', 40 at most, and is none of: "
                f"{', '.join(sorted(_RESERVED))}",
            )
    return tables


def _check_streams(path: Path, name: str, table: Mapping[str, Any], selections: Mapping[str, Selection]) -> None:
    wanted = table.get("from", [])
    for stream in [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []:
        if stream not in (*STREAMS, *selections):
            raise _error(
                path,
                f"[sink.{name}] from={stream!r:.80}: there is no such stream; there are: {', '.join((*STREAMS, *selections))}",
            )


def _checked(path: Path | None, table: str, values: Mapping[str, Any], model: type[Options]) -> Options:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            known = sorted(info.alias or key for key, info in model.model_fields.items())
            raise _error(path, f"[{table}] {where}: there is no such key; there are: {', '.join(known)}") from None
        raise _error(path, f"[{table}] {where}{_shown(problem)}: {problem['msg']}") from None


def _shown(problem: ErrorDetails) -> str:
    """A wrong value as a message shows it: short, and without the password that a URL may carry."""
    if problem["type"] == "missing":
        return ""
    value = repr(problem["input"])
    return "='***'" if "@" in value else f"={value:.80}"


def _error(path: Path | None, message: str) -> SettingsError:
    return SettingsError(f"COPYDESK_DELIVERY_FILE: {path}: {message}")
