"""Reads a roster of teams as offices keep it, CSV or XLSX, and says what of it was not understood.

Columns are known by their titles, in Chinese or English, in any order; a column titled like a device holds that
device's numbers.  Nothing is computed: a formula is told and left out.  Everything is bounded before it is unpacked.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from console.configuration.adding import NewTeam
from console.picture import Text, Value
from console.trouble import OperatorError

LARGEST_BYTES = 8_000_000
UNPACKED_BYTES = 64_000_000
PARTS = 1_000
ROWS, COLUMNS, CELL = 2_000, 60, 200
TEAMS = 500
_HEADER_ROWS = 10
_LONGEST = 60
_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SEPARATORS = re.compile(r"[、,，;；\s]+")
_TITLES: Mapping[str, tuple[str, ...]] = {
    "name": ("名称", "队名", "队伍", "队伍名称", "单位", "name", "team"),
    "id": ("编号", "id"),
    "symbol": ("符号", "标号", "symbol"),
    "people": ("人数", "编制", "人员数", "people", "headcount"),
    "kind": ("类型", "类别", "队伍类型", "kind", "type"),
    "task": ("任务", "task"),
    "leader": ("负责人", "队长", "联系人", "leader", "contact"),
    "phone": ("电话", "手机", "联系电话", "手机号", "phone", "mobile"),
    "expected": ("应报间隔", "应报间隔(分)", "应报分钟", "间隔", "expected_min", "interval"),
    "means": ("手段", "联络手段", "means"),
}
_KNOWN = {title: key for key, titles in _TITLES.items() for title in titles}
_REMARKS = ("序号", "备注", "no", "no.", "remark", "remarks", "note", "notes")
"""Columns that every list has and nothing is read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What was not understood: the row as the sheet counts it, ``None`` for the whole, the column's title, and why."""

    row: int | None
    column: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The teams that can be added, and everything else that stood there."""

    teams: tuple[NewTeam, ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is configured already: devices by id with their names, ids and names taken, means in use."""

    devices: Mapping[str, str] = field(default_factory=dict)
    ids: Collection[str] = ()
    names: Collection[str] = ()
    means: Collection[str] = ()


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, InvalidFileException, ParseError, EOFError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, NotImplementedError, RuntimeError),
)
"""What the libraries raise over a sheet that is none, or no longer whole."""

Cell = str | None
"""A cell's text, stripped and bounded; ``None`` where a formula stood."""


def read_roster(file: Path, known: Known) -> Roster:
    """Read it.

    Raises:
        OperatorError: it cannot be read, is too large, is no table, or has no column with the teams' names.
    """
    try:
        octets = file.read_bytes() if file.stat().st_size <= LARGEST_BYTES else None
    except OSError as error:
        raise _trouble("unreadable", file, detail=str(error.strerror or error)) from None
    if octets is None:
        raise _trouble("too_large", file, mb=LARGEST_BYTES // 1_000_000)
    rows = _xlsx(file, octets) if octets.startswith(b"PK") else _csv(file, octets)
    return _Sheet(rows, known).read(file)


def _trouble(word: str, file: Path, **args: Value) -> OperatorError:
    told: dict[str, Value] = {"file": file.name, **args}
    return OperatorError(Text(id=f"roster.{word}", args=told), Text(id=f"roster.{word}_remedy", args=told))


# ---- cells


def _csv(file: Path, octets: bytes) -> list[list[Cell]]:
    if b"\0" in octets:
        raise _trouble("no_table", file)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = octets.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _trouble("no_table", file)
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        rows = [
            [_written(cell) for cell in row[:COLUMNS]]
            for _, row in zip(
                range(ROWS + 1), csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), strict=False
            )
        ]
    except csv.Error:
        raise _trouble("no_table", file) from None
    return rows


def _written(text: str) -> Cell:
    text = unicodedata.normalize("NFC", text).strip()
    if text.startswith("="):
        return None
    return "".join(sign if sign.isprintable() else " " for sign in text)[:CELL].strip()


def _xlsx(file: Path, octets: bytes) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as parts:
            _judge_parts(file, parts)
        return list(_sheet_rows(octets))
    except _DAMAGE:
        raise _trouble("no_table", file) from None


def _judge_parts(file: Path, parts: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much, and any document type: a sheet needs none.

    A part never gives more than it says here: the library stops at the size told.
    """
    listed = parts.infolist()
    if len(listed) > PARTS or sum(one.file_size for one in listed) > UNPACKED_BYTES:
        raise _trouble("bomb", file, mb=UNPACKED_BYTES // 1_000_000)
    for one in listed:
        if one.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in parts.read(one).replace(b"\0", b""):
            raise _trouble("bomb", file, mb=UNPACKED_BYTES // 1_000_000)


def _sheet_rows(octets: bytes) -> Iterator[list[Cell]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that are not read
        book = load_workbook(io.BytesIO(octets), read_only=True, keep_links=False, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for row in sheet.iter_rows(max_row=ROWS + 1, max_col=COLUMNS):
                yield [_of_cell(cell.value, cell.data_type) for cell in row]
        finally:
            book.close()


def _of_cell(value: object, kind: str) -> Cell:
    if kind == "f":
        return None
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _written(str(value))


# ---- rows


class _Sheet:
    """One table being read."""

    def __init__(self, rows: Sequence[Sequence[Cell]], known: Known) -> None:
        self._rows = rows
        self._known = known
        self._unread: list[Unread] = []
        self._ids = {one.casefold() for one in known.ids} | {"console", "in_use"}
        self._names = set(known.names)
        self._means = set(known.means)

    def read(self, file: Path) -> Roster:
        header = next((n for n, row in enumerate(self._rows[:_HEADER_ROWS]) if "name" in self._titles(row)), None)
        if header is None:
            raise _trouble("no_names", file)
        if len(self._rows) > ROWS:
            self._note(None, "", "too_many_rows", most=ROWS)
        columns = self._columns(header)
        teams: list[NewTeam] = []
        for number, row in enumerate(self._rows[header + 1 : ROWS], header + 2):
            if len(teams) >= TEAMS:
                self._note(number, "", "too_many_teams", most=TEAMS)
                break
            team = self._team(number, row, columns) if any(cell != "" for cell in row) else None
            if team is not None:
                teams.append(team)
        return Roster(teams=tuple(teams), unread=tuple(self._unread))

    def _note(self, row: int | None, column: str, word: str, **args: Value) -> None:
        self._unread.append(Unread(row=row, column=column, text=Text(id=f"roster.unread.{word}", args=args)))

    @staticmethod
    def _titles(row: Sequence[Cell]) -> list[str]:
        return [_KNOWN.get(_plain(cell), "") for cell in row]

    def _columns(self, header: int) -> dict[int, tuple[str, str]]:
        """Number of a column to what it holds and its title; ``device:ID`` are numbers of that device."""
        found: dict[int, tuple[str, str]] = {}
        devices = {_plain(name): one for one, name in self._known.devices.items()}
        devices |= {_plain(one): one for one in self._known.devices}
        for number, cell in enumerate(self._rows[header]):
            title, plain = cell or "", _plain(cell)
            key = _KNOWN.get(plain) or (f"device:{devices[plain]}" if plain in devices else "")
            if key and not (key in _TITLES and key in {held for held, _ in found.values()}):
                found[number] = (key, title)
            elif plain and plain not in _REMARKS:
                self._note(header + 1, title, "column")
        return found

    def _team(self, number: int, row: Sequence[Cell], columns: Mapping[int, tuple[str, str]]) -> NewTeam | None:
        given: dict[str, str] = {}
        means: list[str] = []
        for index, (key, title) in columns.items():
            cell = row[index] if index < len(row) else ""
            if cell is None:
                self._note(number, title, "formula")
            elif key.startswith("device:"):
                means += [f"{key[7:]}/{one}" for one in _SEPARATORS.split(cell) if one]
            elif key == "means":
                means += [one for one in _SEPARATORS.split(cell) if one]
            else:
                given[key] = cell
        name = given.get("name", "")
        if not name or len(name) > _LONGEST:
            self._note(number, "", "no_name")
            return None
        if name in self._names:
            self._note(number, "", "there", name=name)
            return None
        self._names.add(name)
        return NewTeam(
            id=self._id(number, given.get("id", "")),
            name=name,
            symbol=self._symbol(number, given.get("symbol", "")),
            people=self._people(number, given.get("people", "")),
            expected_min=self._minutes(number, given.get("expected", "")),
            kind=given.get("kind", "")[:_LONGEST],
            task=given.get("task", "")[:_LONGEST],
            leader=given.get("leader", "")[:_LONGEST],
            phone=given.get("phone", "")[:_LONGEST],
            means=tuple(one for one in dict.fromkeys(means) if self._is_means(number, one)),
        )

    def _id(self, number: int, given: str) -> str:
        if given and (not _IDENTITY.fullmatch(given) or given.casefold() in self._ids):
            self._note(number, "", "id", id=given)
            given = ""
        if not given:
            given = next(one for one in (f"team-{n:03d}" for n in range(1, 10_000)) if one not in self._ids)
        self._ids.add(given.casefold())
        return given

    def _symbol(self, number: int, given: str) -> str:
        if len(given) > 1:
            self._note(number, "", "symbol", given=given)
        return given if len(given) == 1 else ""

    def _people(self, number: int, given: str) -> int | None:
        digits = given.removesuffix("人").strip()
        if digits.isascii() and digits.isdecimal() and int(digits) <= 10_000:
            return int(digits)
        if given:
            self._note(number, "", "people", given=given)
        return None

    def _minutes(self, number: int, given: str) -> float | None:
        try:
            minutes = float(given.removesuffix("分钟").removesuffix("分").strip() or "nan")
        except ValueError:
            minutes = float("nan")
        if 0.1 <= minutes <= 7 * 24 * 60:
            return minutes
        if given:
            self._note(number, "", "minutes", given=given)
        return None

    def _is_means(self, number: int, means: str) -> bool:
        """Whether it is one of a device that is there, and nobody's yet."""
        device, slash, subject = means.partition("/")
        if device not in self._known.devices or (slash and not subject):
            self._note(number, "", "means", means=means)
            return False
        plain = f"{device}/{subject.lstrip('0')}" if slash else device
        if plain in self._means:
            self._note(number, "", "means_taken", means=means)
            return False
        self._means.add(plain)
        return True


def _plain(cell: Cell) -> str:
    """A title without blanks, capitals and full-width brackets."""
    return "".join(unicodedata.normalize("NFKC", cell or "").split()).casefold()
