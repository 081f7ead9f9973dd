"""Python imports this at its start, where this folder is on the PYTHONPATH: a name server that changes its mind.

``rebinding.test`` is at 127.0.0.1 when it is looked up first, and in a private network from then on.
"""

import itertools
import socket

_system = socket.getaddrinfo
_looks = itertools.count()


def getaddrinfo(host, port, *args, **options):
    """As the system's, but for one name."""
    if host == "rebinding.test":
        host = "10.0.0.1" if next(_looks) else "127.0.0.1"
    return _system(host, port, *args, **options)


socket.getaddrinfo = getaddrinfo
