"""Which documents an output stream of a user's own is to have: filters by what a document says of itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from copydesk.core.urls import source_id
from copydesk.models import MAX_LABEL_CHARS, Document

MAX_VALUES: Final = 1_000
"""Values of one filter."""

_Value = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def host_pattern(value: str) -> str:
    """A host, or ``*.`` and a host for all below it, in lower case.

    Raises:
        ValueError: it is neither.
    """
    host = value.lower().removesuffix(".")
    if "*" in host.removeprefix("*.") or "/" in host:
        raise ValueError("must be a host, as in paper.example, or all below it, as in *.paper.example")
    return host


def source_name(value: str) -> str:
    """The id of a source that is given by its id or URL."""
    return source_id(value) if "://" in value else value


def _label(value: str) -> str:
    key, equals, label = value.partition("=")
    if not equals or not key or not label or max(len(key), len(label)) > MAX_LABEL_CHARS:
        raise ValueError("must be KEY=VALUE, as in country=de")
    return value


_Values = Annotated[frozenset[_Value], BeforeValidator(_one_or_many), Field(max_length=MAX_VALUES)]
_Hosts = Annotated[
    frozenset[Annotated[_Value, AfterValidator(host_pattern)]],
    BeforeValidator(_one_or_many),
    Field(max_length=MAX_VALUES),
]
_Sources = Annotated[
    frozenset[Annotated[_Value, AfterValidator(source_name)]],
    BeforeValidator(_one_or_many),
    Field(max_length=MAX_VALUES),
]
_LabelValues = Annotated[
    frozenset[Annotated[_Value, AfterValidator(_label)]], BeforeValidator(_one_or_many), Field(max_length=MAX_VALUES)
]
_Verdicts = Annotated[frozenset[Literal["original", "revision", "copy"]], BeforeValidator(_one_or_many)]


def fits_host(host: str, patterns: Collection[str]) -> bool:
    """Whether one of these patterns fits a host."""
    if host in patterns:
        return True
    _, dot, above = host.partition(".")
    while dot:
        if f"*.{above}" in patterns:
            return True
        _, dot, above = above.partition(".")
    return False


class Selection(BaseModel):
    """A document is in it if every filter that is given has a value that it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: _Values = Field(frozenset(), description="ISO 639-1 codes.")
    source: _Sources = Field(frozenset(), description="Ids or URLs of sources.")
    host: _Hosts = Field(frozenset(), description="Hosts; *.paper.example is every host below paper.example.")
    agency: _Values = Field(frozenset(), description="Short names of news agencies.")
    verdict: _Verdicts = Field(frozenset({"original", "revision"}), min_length=1)
    label: _LabelValues = Field(frozenset(), description="Labels of the source, KEY=VALUE.")

    def matches(self, document: Document) -> bool:
        """Whether a document is in it."""
        return (
            document.verdict in self.verdict
            and (not self.language or document.language in self.language)
            and (not self.source or document.source in self.source)
            and (not self.agency or document.agency in self.agency)
            and (not self.host or fits_host(document.host, self.host))
            and (not self.label or any(f"{key}={value}" in self.label for key, value in document.labels.items()))
        )
