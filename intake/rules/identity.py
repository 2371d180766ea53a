"""What makes two deliveries one message.

The bytes do, apart from the lines that transport wrote on top of them on the way: so a mail that
came by LMTP and again by IMAP is one message with two deliveries, and the same Message-ID over
other content is two messages.
"""

from __future__ import annotations

import hashlib
import re

# Headers that servers, filters and mail stores add or rewrite after the sender let go of the mail.
# RFC 5321 section 4.4 (Received, Return-Path), RFC 8601, RFC 8617 (ARC), RFC 7208 (Received-SPF);
# the rest is what Postfix, Exim, Dovecot, Exchange, mbox files and spam filters write.
_TRACE = (
    rb"received|x-received|return-path|delivered-to|x-delivered-to|x-original-to|envelope-to|"
    rb"x-envelope-[a-z-]+|delivery-date|authentication-results|x-authentication-[a-z-]+|"
    rb"arc-[a-z-]+|received-spf|x-spam-[a-z0-9_-]+|x-spamd-[a-z-]+|x-rspamd-[a-z-]+|"
    rb"x-virus-[a-z-]+|x-ms-exchange-[a-z0-9-]+|x-microsoft-antispam[a-z0-9-]*|"
    rb"x-forefront-[a-z0-9-]+|x-ms-publictraffictype|x-eopattributedmessage|"
    rb"x-gm-[a-z-]+|x-gmail-[a-z-]+|x-google-smtp-source|"
    rb"x-uid|x-uidl|x-status|status|x-keywords|x-mozilla-[a-z0-9-]+|content-length|lines"
)
# Real header blocks are a few kilobytes. Lines beyond this are hashed with the body, so that 25 MB
# of made-up headers cost no more than 25 MB of text.
_MAX_HEADER = 1_048_576
# Possessive repetition keeps no way back, so both searches are linear in time and flat in memory.
_FOLDED = rb"[^\n]*+(?:\n|\Z)(?:[ \t][^\n]*+(?:\n|\Z))*+"
_TRACE_FIELD = re.compile(rb"^(?:" + _TRACE + rb")[ \t]*+:" + _FOLDED, re.IGNORECASE | re.MULTILINE)
_HEADER_BLOCK = re.compile(rb"(?:[!-9;-~]++[ \t]*+:" + _FOLDED + rb")*+")
_BARE_CR = re.compile(rb"\r(?!\n)")
_RECEIVED = re.compile(rb"^received[ \t]*+:" + _FOLDED, re.IGNORECASE | re.MULTILINE)
_OWN_IDENTITY = re.compile(
    rb"^(?:message-id|date)[ \t]*+:[ \t]*+[^\s]", re.IGNORECASE | re.MULTILINE
)


def fingerprint(raw: bytes) -> str:
    """Return the identity of a mail's content: SHA-256 in 64 hex digits.

    Line ends count as LF, trace headers of the header block and blank lines at the very end do not
    count, and neither does the `From ` line of an mbox. Never raises, whatever the bytes. Linear.

    A mail with neither Message-ID nor Date (a machine's, often the same text each day) is told
    apart by its oldest Received line: two alarms must not become one message.
    """
    # Where every CR stands before LF, dropping them all is the same and three times as fast.
    raw = raw.replace(b"\r\n", b"\n") if _BARE_CR.search(raw) else raw.replace(b"\r", b"")
    start = raw.find(b"\n") + 1 if raw.startswith((b"From ", b">From ")) else 0
    block = _HEADER_BLOCK.match(raw, start, start + _MAX_HEADER)
    body_at = block.end() if block else start
    header = raw[start:body_at]
    digest = hashlib.sha256(_TRACE_FIELD.sub(b"", header))
    if not _OWN_IDENTITY.search(header):
        received = _RECEIVED.findall(header)
        digest.update(received[-1] if received else b"")
    end = len(raw)
    while end > body_at and raw[end - 1] in b"\r\n":
        end -= 1
    digest.update(b"\n")
    digest.update(memoryview(raw)[body_at:end])
    return digest.hexdigest()
