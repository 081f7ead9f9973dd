"""Errors that copydesk raises on purpose.

CopydeskError
├── UsageError          the user asked for something that cannot be; exit code 2
├── SettingsError       a setting has a wrong value; exit code 2
├── StoreUnavailable    Redis cannot be reached or refuses; exit code 1
├── SourceError         a source could not be polled or read
└── InputError          a line or file of input is not what the verb takes
"""


class CopydeskError(Exception):
    """Base of every error whose message is meant for a person; the entry point prints it without a traceback."""

    exit_code = 1


class UsageError(CopydeskError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class SettingsError(CopydeskError):
    """A setting has a value that is not allowed; the message names the variable, the value and what is allowed."""

    exit_code = 2


class StoreUnavailable(CopydeskError):
    """Redis cannot be reached, or is of a kind that cannot serve copydesk."""


class SourceError(CopydeskError):
    """A source could not be polled, or what it answered cannot be read."""


class InputError(CopydeskError):
    """A line or file of input is not what the verb takes."""


class SiteContended(CopydeskError):
    """What is known of a site could not be changed, since others always came in between."""
