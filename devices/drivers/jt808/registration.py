"""How terminals introduce themselves, and how they are let in.

- 0100: province (2), city (2), maker, model, id, colour of the plate (1), plate or frame number in GBK to the end.
  Maker, model and id have 5, 8 and 7 octets in edition 2011, 5, 20 and 7 in 2013, 11, 30 and 30 in 2019.
- 8100: serial of the registration (2), result (0 done, 4 no such terminal), authentication code only with 0.
- 0102: the code to the end; edition 2019: length (1), code, IMEI (15), software (20).

**Source:** layouts as in ``framing``; a body of more than 36 octets under an older header is read as edition 2013, as
cuteLittleDevil/go-jt808 does.
**Assumed:** fields are padded with 00, blanks or "0"; only 00 and blanks are taken off, since an id may end in 0.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from devices.drivers.jt808.framing import Frame

REGISTER: Final = 0x0100
ANSWER: Final = 0x8100

_DONE, _NO_SUCH_TERMINAL = b"\x00", b"\x04"
_SIZES: Final = {"2011": (5, 8, 7), "2013": (5, 20, 7), "2019": (11, 30, 30)}
_FROM_2013: Final = 37
_IMEI: Final = 15
_SOFTWARE: Final = 20
_LONGEST_WORD: Final = 40


class Registration(NamedTuple):
    """What a terminal says of itself; empty words where it says nothing."""

    edition: str
    maker: str
    model: str
    device: str
    plate: str | None

    def words(self) -> str:
        """Everything in one line."""
        return " ".join(filter(None, (self.edition, self.maker, self.model, self.device, self.plate)))


def read(frame: Frame) -> Registration | None:
    """What was registered; ``None`` when the body is too short for its edition."""
    body = frame.body
    edition = "2019" if frame.address.version is not None else "2013" if len(body) >= _FROM_2013 else "2011"
    at = 4
    words: list[str] = []
    for size in _SIZES[edition]:
        words.append(_word(body[at : at + size]))
        at += size
    if len(body) < at + 1:
        return None
    return Registration(edition, words[0], words[1], words[2], _word(body[at + 1 :]) or None)


def welcome(frame: Frame) -> bytes:
    """The answer that lets it in, with its code."""
    return frame.serial.to_bytes(2, "big") + _DONE + frame.subject.encode("ascii")


def refusal(serial: int) -> bytes:
    """The answer that does not."""
    return serial.to_bytes(2, "big") + _NO_SUCH_TERMINAL


def identity(frame: Frame) -> dict[str, str]:
    """IMEI and software of an authentication; nothing where the edition or the body has none."""
    body = frame.body
    if frame.address.version is None or not body:
        return {}
    at = 1 + body[0]
    return {
        "imei": _word(body[at : at + _IMEI]),
        "firmware": _word(body[at + _IMEI : at + _IMEI + _SOFTWARE]),
    }


def _word(octets: bytes) -> str:
    """GBK without its padding and without signs that cannot be shown."""
    text = octets.decode("gbk", "replace").strip("\0 ")
    return "".join(sign for sign in text if sign.isprintable())[:_LONGEST_WORD].strip()
