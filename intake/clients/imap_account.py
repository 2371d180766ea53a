"""Which mailbox on which IMAP server, and where its secret comes from."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Security = Literal["tls", "starttls", "plain-loopback-only"]

TOKEN_TIMEOUT_S = 60


class ImapError(Exception):
    """The server said no, or could not be understood. The text holds no secret."""


class ImapLost(ImapError):
    """The connection is gone. `uids` were asked for and not had; nothing was changed for them."""

    def __init__(self, text: str, uids: Sequence[int] = ()) -> None:
        super().__init__(text)
        self.uids = tuple(uids)


@dataclass(frozen=True)
class ImapAccount:
    """Where to fetch from. `secret` is called at each sign-in and gives password or token."""

    host: str
    port: int
    user: str
    secret: Callable[[], str] = field(repr=False)
    security: Security = "tls"
    auth: Literal["password", "xoauth2"] = "password"
    ca_file: str | None = None


def secret_from_env(name: str) -> Callable[[], str]:
    """The secret is in the environment variable of this name. Raises ImapError when it is not."""

    def read() -> str:
        value = os.environ.get(name, "")
        if not value:
            raise ImapError(f"environment variable {name} is empty")
        return value

    return read


def secret_from_file(path: str) -> Callable[[], str]:
    """The secret is the first line of this file. Raises ImapError when it cannot be read."""

    def read() -> str:
        try:
            value = Path(path).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise ImapError(f"{path} cannot be read: {type(error).__name__}") from None
        if not value:
            raise ImapError(f"{path} is empty")
        return value

    return read


def secret_from_command(command: Sequence[str]) -> Callable[[], str]:
    """The secret, as a rule an OAuth token, is what this command prints. Raises ImapError."""

    def read() -> str:
        try:
            ended = subprocess.run(  # noqa: S603 - the operator's own command, no shell
                list(command), capture_output=True, text=True, timeout=TOKEN_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
            raise ImapError(f"{command[0]} did not run: {type(error).__name__}") from None
        if ended.returncode != 0 or not ended.stdout.strip():
            raise ImapError(f"{command[0]} gave no token, status {ended.returncode}")
        return ended.stdout.strip()

    return read
