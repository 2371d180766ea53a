"""The tree of a mail: the standard library finds the parts, nothing is decoded here.

Large bodies are cut out of the bytes before the standard library sees them, and put back by
reference: its parser handles line after line, ten times slower than reading the content itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32, Policy
from functools import cached_property
from typing import Any

from lib.mime import charsets, transfer, words
from lib.mime.limits import Limits, Unreadable
from lib.mime.params import Field, content_type, parse_field

_POLICY = Compat32()
_BLANK_LINE = re.compile(rb"\n\r?\n")
_CUT_FROM = 4_096  # bytes; below this a cut costs more than it saves
_FEED = 1 << 20  # bytes at a time: the parser's buffer takes four bytes per character
_DEFECT = re.compile(r"(?<!^)(?=[A-Z])")


class Budget:
    """What one mail may still cost, attached mails included."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts = 0
        self.embedded = 0  # bytes of attached mails that were opened

    def take_part(self) -> None:
        self.parts += 1
        if self.parts > self.limits.parts:
            raise Unreadable("too_many_parts", f"more than {self.limits.parts}")

    def check_depth(self, depth: int) -> None:
        if depth > self.limits.depth:
            raise Unreadable("too_deep", f"more than {self.limits.depth}")

    def take_embedded(self, size: int) -> None:
        self.embedded += size
        if self.embedded > 4 * self.limits.size:
            raise Unreadable("too_large", "attached mails inside each other")


class Node(Message):
    """An entity that counts itself and reads its own Content-Type.

    To the standard library only a multipart has structure. An attached mail is a leaf to it, so
    that its bytes stay exactly as received (they are opened by `leaves`); so is a delivery
    report. The standard library's own reading of parameters takes seconds on hostile input.
    """

    def __init__(self, budget: Budget, policy: Policy[Any] = _POLICY) -> None:
        super().__init__(policy)
        self.budget = budget
        self.depth = 0

    @cached_property
    def content(self) -> Field:
        """Content-Type, read once: the parser asks only after the header is complete."""
        return content_type(self.first("content-type"), self.get_default_type())

    def first(self, name: str) -> str | None:
        """First field of that lower-case name as the parser keeps it (bytes as surrogates)."""
        for key, value in self.raw_items():
            if key.lower() == name:
                return value
        return None

    def raw_items(self) -> Iterator[tuple[str, str]]:
        """All fields in order; the base class returns the same, without types."""
        yield from super().raw_items()

    @property
    def stored(self) -> Any:
        """Child nodes, or the body as the parser read it.

        Not `get_payload`, which re-reads a body with 8-bit bytes in the declared charset.
        """
        return self._payload

    @stored.setter
    def stored(self, payload: Any) -> None:
        self._payload = payload

    def get_content_type(self) -> str:
        return self.content.value if self.content.value.startswith("multipart/") else "text/plain"

    def get_content_maintype(self) -> str:
        return self.get_content_type().partition("/")[0]

    def get_boundary(self, failobj: Any = None) -> Any:
        return self.content.params.get("boundary", "").rstrip() or failobj

    def attach(self, payload: Any) -> None:
        payload.depth = self.depth + 1
        self.budget.take_part()
        self.budget.check_depth(payload.depth)
        super().attach(payload)


class Leaf:
    """A part without parts of its own. `raw` still carries its transfer encoding."""

    def __init__(self, node: Node, path: str, parents: tuple[str, ...], in_mail: str, raw: Any):
        self.node = node
        self.path = path
        self.parents = parents  # content types of the multiparts around it, outermost first
        self.in_mail = in_mail
        self.raw: bytes | memoryview = raw
        self.content = node.content
        self.defects: list[str] = [*node.content.defects]

    @cached_property
    def disposition(self) -> Field:
        value = self.node.first("content-disposition")
        return parse_field(value) if value is not None else Field("")

    @cached_property
    def encoding(self) -> str:
        value = words.unfold(self.node.first("content-transfer-encoding") or "7bit")
        decoded, _ = charsets.one_line(charsets.decode_raw_header(value[:200])[0])
        return decoded.partition(";")[0].strip("\"' ").lower()[:40] or "7bit"

    @cached_property
    def data(self) -> bytes | memoryview:
        """The decoded bytes; decoded once, whoever asks."""
        decoded, defects = transfer.decode(self.raw, self.encoding)
        self.defects.extend(defects)
        return decoded

    @property
    def is_mail(self) -> bool:
        return self.content.value in {"message/rfc822", "message/global", "message/news"}


class Mail:
    """The outermost mail: its header and, lazily, its leaves."""

    def __init__(self, raw: bytes, limits: Limits, *, cut: bool = True) -> None:
        self.budget = Budget(limits)
        self.defects: list[str] = []
        self._cut = cut
        self.root, self._source = self._open(raw, depth=0)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf in order, those of an attached mail right after it."""
        yield from self._leaves(self.root, self._source, prefix="", in_mail="")

    def _open(self, raw: bytes, depth: int) -> tuple[Node, Skeleton]:
        self.budget.check_depth(depth)
        self.budget.take_part()
        source = Skeleton(raw, cut=self._cut)
        root = read(source.pieces, self.budget, depth)
        return root, source

    def _leaves(self, root: Node, source: Skeleton, prefix: str, in_mail: str) -> Iterator[Leaf]:
        # A stack and not recursion, for multiparts; attached mails recurse, bounded by `depth`.
        stack: list[tuple[Node, str, tuple[str, ...]]] = [(root, prefix, ())]
        while stack:
            node, path, parents = stack.pop()
            self._note_defects(node)
            payload = node.stored
            if isinstance(payload, list):
                inside = (*parents, node.content.value)
                for number, child in reversed(list(enumerate(payload, start=1))):
                    stack.append((child, f"{path}.{number}" if path else str(number), inside))
                continue
            if node is root:
                path = f"{path}.1" if path else "1"
            leaf = Leaf(node, path, parents, in_mail, source.restore(payload or ""))
            node.stored = None
            yield leaf
            if leaf.is_mail:
                yield from self._attached(leaf)

    def _attached(self, leaf: Leaf) -> Iterator[Leaf]:
        raw = bytes(leaf.data)
        if not raw or raw.isspace():
            self.defects.append("attached_mail_empty")
            return
        self.budget.take_embedded(len(raw))
        root, source = self._open(raw.lstrip(b"\r\n"), leaf.node.depth + 1)
        if not any(True for _ in root.raw_items()):
            self.defects.append("attached_mail_unreadable")
            return
        yield from self._leaves(root, source, prefix=leaf.path, in_mail=leaf.path)

    def _note_defects(self, node: Node) -> None:
        for defect in node.defects:
            name = type(defect).__name__.removesuffix("Defect")
            self.defects.append(_DEFECT.sub("_", name).lower())


def read(pieces: list[bytes | memoryview], budget: Budget, depth: int) -> Node:
    """The standard library's tree of the bytes in `pieces`."""

    def factory(policy: Policy[Any] = _POLICY) -> Node:
        node = Node(budget, policy)
        node.depth = depth
        return node

    parser: BytesFeedParser[Any] = BytesFeedParser(factory, policy=_POLICY)
    for piece in pieces:
        for start in range(0, len(piece), _FEED):
            parser.feed(bytes(piece[start : start + _FEED]))
    root: Node = parser.close()
    return root


class Skeleton:
    """The bytes of a mail with large bodies replaced by one short line each.

    Why the tree stays the same: the parser splits lines at CR, LF and CRLF and can be inside a
    header only at the start or after a boundary line, which begins with "--". In a stretch
    between two such lines the first blank line ends any header. What follows, up to the next
    line beginning with "--", is body whatever it holds, so one line of letters may stand for it.
    """

    def __init__(self, raw: bytes, *, cut: bool = True) -> None:
        self._raw = memoryview(raw)
        self._token = "KPCUT"  # noqa: S105 (letters only, no secret)
        self.pieces: list[bytes | memoryview] = []
        self._cuts = _large_bodies(raw) if cut else []
        if self._cuts:
            number = 0
            while f"{self._token}{number}Z".encode() in raw:
                number += 1
            self._token = f"{self._token}{number}Z"
        self._mark = re.compile(f"{self._token}([0-9]+)E")
        at = 0
        for index, (start, end) in enumerate(self._cuts):
            self.pieces += [self._raw[at:start], f"{self._token}{index}E".encode()]
            at = end
        self.pieces.append(self._raw[at:])

    def restore(self, payload: str) -> bytes | memoryview:
        """The bytes that `payload`, a leaf of the skeleton, stands for; not copied if avoidable."""
        found = list(self._mark.finditer(payload)) if self._cuts else []
        if not found:
            return payload.encode("ascii", "surrogateescape")
        if len(found) == 1 and found[0].span() == (0, len(payload)):
            start, end = self._cuts[int(found[0][1])]
            return self._raw[start:end]
        out: list[bytes | memoryview] = []
        at = 0
        for match in found:
            start, end = self._cuts[int(match[1])]
            out += [payload[at : match.start()].encode("ascii", "surrogateescape")]
            out += [self._raw[start:end]]
            at = match.end()
        out.append(payload[at:].encode("ascii", "surrogateescape"))
        return b"".join(out)


def _large_bodies(raw: bytes) -> list[tuple[int, int]]:
    """Start and end of every stretch that may be cut out: whole lines, without the last break."""
    cuts: list[tuple[int, int]] = []
    at = 0
    while at < len(raw):
        dashes = raw.find(b"\n--", at + 1)
        end = len(raw) if dashes < 0 else dashes
        if end - at > _CUT_FROM:
            blank = _BLANK_LINE.search(raw, at, end)
            if blank is not None:
                start = blank.end()
                while end > start and raw[end - 1] in b"\r\n":
                    end -= 1
                if end - start > _CUT_FROM and raw.find(b"\r--", start, end) < 0:
                    cuts.append((start, end))
        if dashes < 0:
            break
        at = dashes
    return cuts
