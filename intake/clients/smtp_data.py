"""The DATA phase of SMTP as a plain object: bytes in, one message out."""

from __future__ import annotations

END = b"\r\n.\r\n"


class DataReader:
    """Collects what follows the 354 answer until <CRLF>.<CRLF> (RFC 5321 4.1.1.4, 4.5.2).

    Only that sequence ends a message. A bare CR or LF is an ordinary byte, so nothing else that
    looks like a line with a lone dot can split one message in two (SMTP smuggling, VU#302671).
    Lines may have any length. Does no input or output: `feed` takes chunks cut anywhere.
    """

    def __init__(self, limit: int) -> None:
        """`limit` is the largest message in octets, counted as in RFC 1870: without the dots
        that transparency adds and without the final dot."""
        self.limit = limit
        # Dots of transparency count on the wire only; a hundredth more than the limit is read
        # so that a message of exactly the limit is not refused for them.
        self._wire_limit = limit + limit // 100 + 1024
        # The line break after the DATA command also opens the first line of the message.
        self._wire = bytearray(b"\r\n")
        self._seen = 0
        self._has_dots = False
        self._content: bytes | None = None
        self.dropped = False
        self.rest = b""

    @property
    def seen(self) -> int:
        """Octets fed so far, kept or not."""
        return self._seen

    @property
    def complete(self) -> bool:
        return self._content is not None

    @property
    def too_large(self) -> bool:
        """True once the message cannot be accepted because of its size."""
        return self.seen > self._wire_limit or len(self._content or b"") > self.limit

    @property
    def held(self) -> int:
        """Octets of memory held for this message."""
        return len(self._wire) if self._content is None else len(self._content)

    @property
    def content(self) -> bytes:
        """The message with its transparency dots removed; empty when it was dropped or is more
        than a little too large."""
        if self._content is None:
            raise ValueError("the message has not ended")
        return self._content

    def drop(self) -> None:
        """Keep nothing of this message from here on, but go on looking for its end."""
        self.dropped = True
        del self._wire[: -(len(END) - 1)]

    def feed(self, chunk: bytes) -> bool:
        """Take the next octets; True when the message has ended.

        What came after the end is in `rest`: commands that the client sent ahead (RFC 2920).
        """
        if self.complete:
            raise ValueError("the message has ended")
        self._seen += len(chunk)
        # The end may straddle two chunks.
        start = max(0, len(self._wire) - len(END) + 1)
        self._wire += chunk
        end = -1
        # Attachments in base64 have no dot, and looking for one octet is thirty times as fast as
        # looking for more.
        if self._wire.find(b".", start) >= 0:
            end = self._wire.find(END, start)
            before = end if end >= 0 else len(self._wire)
            self._has_dots |= self._wire.find(b"\r\n.", start, before) >= 0
        if end < 0:
            if self.dropped or self.too_large:
                self.drop()
            return False
        self.rest = bytes(self._wire[end + len(END) :])
        self._seen -= len(self.rest)
        if self.dropped or self.too_large:
            self._content = b""
        else:
            del self._wire[end + 2 :]
            plain = self._wire.replace(b"\r\n.", b"\r\n") if self._has_dots else self._wire
            self._content = memoryview(plain)[2:].tobytes()
        self._wire = bytearray()
        return True


def stuffed(raw: bytes) -> bytes:
    """`raw` as a client sends it after 354, with its final dot (RFC 5321 4.5.2).

    Adds the line break that the final dot needs when `raw` does not end in one.
    """
    wire = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
    return wire + (b".\r\n" if wire.endswith(b"\r\n") or not wire else b"\r\n.\r\n")
