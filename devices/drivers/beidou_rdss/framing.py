"""Cuts one stream of octets into ASCII sentences, binary frames, free text and rubbish.

At ``$`` the next four octets decide: a known binary head is trusted for its length, everything else is a line that
ends at CR, LF or the next ``$``.  No GBK character contains one of these octets, so raw Chinese text is safe.

**Source:** framing as read from public RDSS codecs (yufei2207/learn ``pt_bd1.c`` and ``pt_bd2_rdss.c``, gateway
servers, LXTTTTTT/BDSDK).  ASCII checksum: XOR between ``$`` and ``*``; binary: XOR from ``$`` on, ``$`` included.
**Assumed:** a line is at most 8192 octets (14000 bits over the air are 3500 hex digits), a binary frame 2048.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from devices.driver import xor_octets

LINE_LIMIT: Final = 8192
BINARY_LIMIT: Final = 2048

_SIZES: Final[dict[bytes, tuple[int, int]]] = {
    b"ICJC": (12, 12),
    b"ICXX": (12, BINARY_LIMIT),
    b"XTZJ": (13, 13),
    b"ZJXX": (21, 21),
    b"GLJC": (12, 12),
    b"GLZK": (17, 17),
    b"TXSQ": (15, BINARY_LIMIT),
    b"TXXX": (20, BINARY_LIMIT),
    b"TXHZ": (15, 35),
    b"DWSQ": (22, 22),
    b"DWXX": (31, 31),
    b"FKXX": (16, 16),
    b"SJXX": (18, 18),
}
_OTHER_HEADS: Final = (
    b"HXSZ DHSQ DSSQ SCSC ZBZH JSZL GBXX GYXX WMCS CKSC JJZH BSSZ GXZX GXDQ LZSZ LZDQ SJSC BBDQ XHDQ "
    b"KLSB DHSC DSJG SCSJ ZBSC GBSC GYSC ZHQR LZXX BBXX XHXX GLXX ILXX QLXX"
)
_SIZES.update(dict.fromkeys(_OTHER_HEADS.split(), (11, BINARY_LIMIT)))

_END = re.compile(rb"[\r\n$]")
_SUM = re.compile(rb"\*([0-9A-Fa-f]{2})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One piece of the stream: ``octets`` without a line's end; ``reason`` says what is wrong with a ``bad`` one."""

    kind: Literal["sentence", "binary", "text", "bad"]
    octets: bytes
    reason: str = ""


class Framer:
    """Holds the unfinished rest between two reads, never more than ``LINE_LIMIT`` octets."""

    def __init__(self) -> None:
        self.held = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Every piece that ``data`` finishes, in order; any split of the octets gives the same pieces."""
        held = self.held + data
        frames: list[Frame] = []
        at = 0
        while at < len(held):
            frame, size = _next_piece(held, at)
            if not size:
                break
            if frame is not None:
                frames.append(frame)
            at += size
        self.held = held[at:]
        return frames

    def finish(self) -> list[Frame]:
        """Give up what is unfinished."""
        held, self.held = self.held, b""
        return [Frame(kind="bad", octets=held, reason="unfinished")] if held else []


def _next_piece(held: bytes, at: int) -> tuple[Frame | None, int]:
    """The piece that begins at ``at`` and its size; size 0 means that more octets are needed."""
    if held[at] != 0x24:
        return _loose(held, at)
    head = held[at + 1 : at + 5]
    if head in _SIZES:
        return _binary(held, at, head)
    if len(head) < 4 and any(known.startswith(head) for known in _SIZES):
        return None, 0
    return _line(held, at)


def _loose(held: bytes, at: int) -> tuple[Frame | None, int]:
    end = _END.search(held, at, at + LINE_LIMIT)
    if end is None:
        return _overlong(held, at)
    run = held[at : end.start()]
    is_line = end[0] != b"$"
    size = len(run) + is_line
    if not run:
        return None, size
    if _SUM.search(run):
        return Frame(kind="bad", octets=run, reason="truncated"), size
    if is_line and _is_readable(run):
        return Frame(kind="text", octets=run), size
    return Frame(kind="bad", octets=run, reason="noise"), size


def _line(held: bytes, at: int) -> tuple[Frame | None, int]:
    end = _END.search(held, at + 1, at + LINE_LIMIT)
    if end is None:
        return _overlong(held, at)
    line = held[at : end.start()]
    size = len(line) + (end[0] != b"$")
    said = _SUM.search(line)
    if said is None:
        return Frame(kind="bad", octets=line, reason="truncated"), size
    if xor_octets(line[1:-3]) != int(said[1], 16):
        return Frame(kind="bad", octets=line, reason="checksum"), size
    return Frame(kind="sentence", octets=line), size


def _binary(held: bytes, at: int, head: bytes) -> tuple[Frame | None, int]:
    if len(held) < at + 7:
        return None, 0
    size = int.from_bytes(held[at + 5 : at + 7], "big")
    least, most = _SIZES[head]
    if not least <= size <= most:
        return Frame(kind="bad", octets=held[at : at + 5], reason="length"), 5
    if len(held) < at + size:
        return None, 0
    frame = held[at : at + size]
    if xor_octets(frame[:-1]) == frame[-1]:
        return Frame(kind="binary", octets=frame), size
    # A damaged length may have swallowed good sentences: go on at the next possible beginning.
    again = frame.find(b"$", 1)
    bad = frame if again < 0 else frame[:again]
    return Frame(kind="bad", octets=bad, reason="checksum"), len(bad)


def _overlong(held: bytes, at: int) -> tuple[Frame | None, int]:
    if len(held) - at < LINE_LIMIT:
        return None, 0
    return Frame(kind="bad", octets=held[at : at + LINE_LIMIT], reason="length"), LINE_LIMIT


def _is_readable(run: bytes) -> bool:
    try:
        text = run.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign == "\t" for sign in text)


def sentence(body: bytes) -> bytes:
    """``body`` (without ``$``) as a whole sentence with checksum, CR and LF."""
    return b"$%s*%02X\r\n" % (body, xor_octets(body))


def binary_frame(head: bytes, address: int, content: bytes) -> bytes:
    """A binary frame of ``head`` (four letters) from or for card ``address`` (21 bits)."""
    start = b"$" + head + (len(content) + 11).to_bytes(2, "big") + address.to_bytes(3, "big") + content
    return start + bytes([xor_octets(start)])
