"""The command line in a fork of the test process: its own descriptors, environment and exit code, without a start of Python.

Tests of what a start of Python is part of (what is imported when, signals, how fast it is) start one.
"""

import io
import multiprocessing
import os
import subprocess
import sys
import tempfile
from multiprocessing import forkserver

from copydesk_services.__main__ import main

_FORK = multiprocessing.get_context("fork")


def start(arguments, *, stdin, stdout, stderr, env):
    """``copydesk`` with these descriptors, and no other environment than ``env``."""
    process = _FORK.Process(target=_run, args=([*map(str, arguments)], (stdin, stdout, stderr), env))
    process.start()
    return process


def copydesk(*arguments, stdin=b"", env=None, timeout=60):
    """Run it to its end, as ``subprocess.run`` does; ``env`` stands in for the whole environment."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        files = {"stdin": given.fileno(), "stdout": out.fileno(), "stderr": err.fileno()}
        process = start(arguments, **files, env=dict(os.environ) if env is None else env)
        code = ended(process, timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def ended(process, timeout=60):
    """Its exit code."""
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"not done after {timeout} s")
    code = process.exitcode
    process.close()
    return code


def _run(arguments, files, env):
    for ours, theirs in enumerate(files):
        os.dup2(theirs, ours)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(open(n, mode, closefd=False), "utf-8", errors, line_buffering=n == 2)  # noqa: SIM115 -- they end with the process
        for n, (mode, errors) in enumerate([("rb", "strict"), ("wb", "strict"), ("wb", "backslashreplace")])
    )
    # A server that the test process has started is not a child of this one.
    forkserver._forkserver._forkserver_pid = None
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["copydesk", *arguments]
    main()
