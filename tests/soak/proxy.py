"""A TCP proxy that can cut, hold up and slow down what goes through it."""

import asyncio
import contextlib
import random

CHUNK = 65_536


class Proxy:
    """Passes connections on to a target.

    ``target`` maps the address at which a connection arrived (host) to where it goes (host, port).
    """

    def __init__(self, target):
        self._target = target
        self._open = {}  # both ends of a connection -> who passes on
        self._pass = asyncio.Event()
        self._pass.set()
        self._delay = 0.0
        self._server = None
        self.cut = 0  # connections so far

    async def start(self, host="127.0.0.1"):
        """Listen; the port."""
        self._server = await asyncio.start_server(self._accept, host, 0, backlog=512)
        return self._server.sockets[0].getsockname()[1]

    def drop(self, share=1.0, rng=random):
        """Cut connections off, without a word."""
        for writers in list(self._open):
            if rng.random() < share:
                self.cut += 1
                for writer in writers:
                    writer.transport.abort()

    def stall(self):
        """Let nothing through until ``release``; connections stay open."""
        self._pass.clear()

    def slow(self, delay):
        """Hold every piece up for so many seconds until ``release``."""
        self._delay = delay

    def release(self):
        """Be a good line again."""
        self._delay = 0.0
        self._pass.set()

    async def close(self):
        self._server.close()
        self.release()
        passing = list(self._open.values())
        self.drop()
        await asyncio.gather(*passing)

    async def _accept(self, reader, writer):
        await self._pass.wait()
        try:
            to_reader, to_writer = await asyncio.open_connection(*self._target(writer.get_extra_info("sockname")[0]))
        except OSError:
            writer.transport.abort()
            return
        both = (writer, to_writer)
        self._open[both] = asyncio.current_task()
        await asyncio.gather(self._pump(reader, to_writer), self._pump(to_reader, writer))
        del self._open[both]
        for one in both:
            one.close()

    async def _pump(self, reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._pass.wait()
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            return
        writer.transport.abort()
