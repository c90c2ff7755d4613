"""Adds cameras, devices or teams to the person's own configuration file: comments, order and everything else stay.

The new text is judged whole before anything is written, and is written beside, synced and renamed, for the owner only:
it holds passwords.  The file as it was is kept first (see ``console.configuration.kept``).  A file that somebody
changed in the meantime is left alone.
"""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from console.configuration.faults import ConfigurationFaults, Fault
from console.configuration.file import read
from console.configuration.kept import keep, write_private
from console.configuration.model import CameraConfiguration, Configuration, DeviceConfiguration
from console.configuration.reading import Faults
from console.picture import Text
from console.trouble import OperatorError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCamera:
    """A camera as a person confirmed it; the addresses carry user and password."""

    id: str
    name: str
    url: str = field(repr=False)
    sub_url: str | None = field(default=None, repr=False)
    owner: str | None = None
    is_recorded: bool = True

    @property
    def table(self) -> str:
        """The table of the file that it goes to."""
        return "camera"

    def values(self) -> dict[str, Plain]:
        """What is written, key by key; what the file need not say is left out."""
        values: dict[str, Plain] = {"id": self.id, "name": self.name, "url": self.url}
        if self.sub_url:
            values["sub_url"] = self.sub_url
        if self.owner:
            values["owner"] = self.owner
        return values if self.is_recorded else {**values, "record": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device as a person confirmed it, its driver chosen."""

    id: str
    name: str
    driver: str
    wire: str = field(repr=False)

    @property
    def table(self) -> str:
        """The table of the file that it goes to."""
        return "device"

    def values(self) -> dict[str, Plain]:
        """What is written, key by key."""
        return {"id": self.id, "name": self.name, "driver": self.driver, "wire": self.wire}


Plain = str | bool | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTeam:
    """A team of a roster; what is empty or ``None`` the file need not say."""

    id: str
    name: str
    symbol: str = ""
    people: int | None = None
    expected_min: float | None = None
    kind: str = ""
    task: str = ""
    leader: str = ""
    phone: str = ""
    means: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table of the file that it goes to."""
        return "team"

    def values(self) -> dict[str, Plain]:
        """What is written, key by key."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: value for key, value in given.items() if value is not None and value not in ("", ())}


Addition = NewCamera | NewDevice | NewTeam


def with_account(url: str, user: str, password: str) -> str:
    """The address with this account in it, in place of any other; without a user: as it is."""
    if not user:
        return url
    parts = urlsplit(url)
    account = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    place = f"{account}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))


def add(file: Path, addition: NewCamera | NewDevice) -> CameraConfiguration | DeviceConfiguration:
    """Write the addition into ``file`` and give it as configured.

    Raises:
        ConfigurationFaults: the file, or what was to be added, is not good; nothing was written.
        OperatorError: the file cannot be read or written, or was changed in between; nothing was written.
    """
    configuration = add_all(file, (addition,))
    made = configuration.cameras if isinstance(addition, NewCamera) else configuration.devices
    return next(one for one in made if one.id == addition.id)


def add_all(file: Path, additions: Sequence[Addition]) -> Configuration:
    """Write all of them or none, and give the whole as configured.  Raises as ``add``."""
    file = file.resolve()  # a link stays a link
    before = _octets(file)
    _judge(before, file)
    after = before
    for addition in additions:
        after = extended(after, addition)
    configuration = _judge(after, file)
    keep(file)
    if _octets(file) != before:
        raise _trouble("changed", file)
    try:
        write_private(file, after, like=file)
    except OSError as error:
        raise _trouble("unwritable", file, str(error.strerror or error)) from None
    keep(file)
    return configuration


def _octets(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _trouble("unreadable", file, str(error.strerror or error)) from None


def _trouble(word: str, file: Path, detail: str = "") -> OperatorError:
    args: dict[str, Any] = {"file": str(file), "detail": detail}
    return OperatorError(Text(id=f"adding.{word}", args=args), Text(id=f"adding.{word}_remedy", args=args))


def _judge(octets: bytes, file: Path) -> Configuration:
    faults = Faults(str(file))
    configuration = read(octets, faults, mode="live")
    if configuration is None or faults.found:
        found: list[Fault] = sorted(faults.found, key=lambda fault: fault.line or 0)
        raise ConfigurationFaults(tuple(found))
    return configuration


# ---- the text


def extended(octets: bytes, addition: Addition) -> bytes:
    """The file's text with the addition after the last table of its kind, else at its end; nothing else changes.

    ``octets`` must be good TOML.
    """
    text = octets.decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(addition)
    wanted = _tables(text)
    wanted.setdefault(addition.table, []).append(_as_read(addition))
    for at in (_place(text, addition.table), len(text)):
        before, after = text[:at], text[at:]
        gap = "" if not before or before.endswith(end * 2) else end if before.endswith(end) else end * 2
        after_gap = "" if not after or after.startswith(end) else end
        made = before + gap + end.join(lines) + end + after_gap + after
        with contextlib.suppress(tomllib.TOMLDecodeError):
            if _tables(made) == wanted:
                break
    return made.encode("utf-8")


def _tables(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix("\ufeff"))


def text_of(additions: Sequence[Addition]) -> str:
    """The tables as a file would hold them."""
    return "\n".join("\n".join(_lines(addition)) + "\n" for addition in additions)


def _lines(addition: Addition) -> list[str]:
    return [f"[[{addition.table}]]", *(f"{key} = {_literal(value)}" for key, value in addition.values().items())]


def _as_read(addition: Addition) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in addition.values().items()}


def _literal(value: Plain) -> str:
    """A value as TOML writes it: JSON's strings and lists are TOML's but for the delete sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(text: str, table: str) -> int:
    """Where a further table of this kind reads best: after the last one and the comments that cling to it.

    Only a guess by the look of the lines; whoever uses it reads the result again.
    """
    at = place = 0
    is_inside = False
    for line in text.splitlines(keepends=True):
        at += len(line)
        bare = line.strip()
        if bare.startswith("["):
            is_inside = bare.replace(" ", "").startswith((f"[[{table}]]", f"[{table}."))
        if is_inside and bare and (not bare.startswith("#") or place == at - len(line)):
            place = at
    return place or len(text)
