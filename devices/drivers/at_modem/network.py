"""What a modem tells of its card, its network and its signal.

**Source:** +CREG family: Nordic documentation of 27.007 (states 0-5, n=2 with area, cell, access technology);
+CSQ and +CESQ: the tables of libmbim; ``+QENG="servingcell"``: published answers of EC25-like modules, one with
``CONECT``; bars 0-5: public SBD drivers; +CPIN, +COPS, +CPMS, +CME ERROR 10-18: 3GPP TS 27.007 and 27.005.
**Assumed:** states 6-10 and access technologies but 7 and 9 as in 27.007; 90 means a faulty SIM (one maker); a
level is the upper edge of its step; SINR of +QENG is in units of the maker's and told raw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from devices.drivers.at_modem.fields import FieldError, bare, is_quoted, numbers, split, whole
from devices.drivers.at_modem.profile import Level
from devices.observations import Condition, Observation, Signal

_STATES: Final[Mapping[int, tuple[str, bool | None]]] = {
    0: ("not-searching", False),
    1: ("home", True),
    2: ("searching", False),
    3: ("denied", False),
    4: ("unknown", None),
    5: ("roaming", True),
    6: ("home-sms-only", True),
    7: ("roaming-sms-only", True),
    8: ("emergency-only", False),
    9: ("home-no-csfb", True),
    10: ("roaming-no-csfb", True),
    90: ("sim-failure", False),
}
REGISTERED: Final = frozenset(state for state, (_, is_good) in _STATES.items() if is_good)
_ACCESS: Final = ("GSM", "GSM-compact", "UTRAN", "EDGE", "HSDPA", "HSUPA", "HSPA", "E-UTRAN", "EC-GSM-IoT", "NB-IoT",
                  "E-UTRA-5GC", "NR-5GC", "NG-RAN", "EN-DC")  # fmt: skip
_DOMAINS: Final = {"+CREG": "registration", "+CGREG": "registration-ps", "+CEREG": "registration-eps"}
_CELLS: Final = {
    "SEARCH": ("searching", False), "LIMSRV": ("limited", False), "NOCONN": ("idle", True),
    "CONNECT": ("connected", True), "CONECT": ("connected", True),
}  # fmt: skip
_SIM_FAULTS: Final = {
    10: "absent", 11: "pin-required", 12: "puk-required", 13: "failure", 14: "busy", 15: "wrong", 16: "pin-wrong",
    17: "pin2-required", 18: "puk2-required",
}  # fmt: skip
_STATE = re.compile(r"[0-9]{1,2}", re.ASCII)


class Network:
    """Remembers what it last told, so that a value that is gone is told to be gone.

    ``sim`` is ``None`` until told; ``registration`` holds the last state of each domain.
    """

    def __init__(self, level: Level) -> None:
        self._level = level
        self.sim: str | None = None
        self.memory: str | None = None
        self.registration: dict[str, int] = {}
        self._told: list[str] = []
        self._decoders: Mapping[str, Callable[[str], Sequence[Observation]]] = {
            "+CSQ": self._csq,
            "+CESQ": self._cesq,
            "+COPS": self._cops,
            "+CPIN": self._cpin,
            "+CPMS": self._cpms,
            "+QENG": self._qeng,
        }

    @property
    def is_registered(self) -> bool | None:
        """Whether any domain is registered; ``None`` while none has been told."""
        return any(state in REGISTERED for state in self.registration.values()) if self.registration else None

    def understand(self, name: str, rest: str) -> Sequence[Observation] | None:
        """What the line means, ``None`` if it is none of these.  Raises ``FieldError``."""
        if name in _DOMAINS:
            return self._registration(name, split(rest))
        decode = self._decoders.get(name)
        return None if decode is None else decode(rest)

    def doubt(self) -> None:
        """The modem does not answer any more, or began anew: nothing that it told holds."""
        self.sim = self.memory = None
        self.registration = {}

    def sim_fault(self, code: int) -> Sequence[Observation]:
        """A CME error about the card."""
        word = _SIM_FAULTS.get(code)
        return () if word is None else self._sim(word)

    # ---- registration

    def _registration(self, name: str, given: list[str]) -> Sequence[Observation]:
        """The answer to a question has the mode first, the line told of its own accord has not."""
        is_answer = len(given) > 1 and bool(_STATE.fullmatch(given[1])) and not is_quoted(given[1])
        state_at = 1 if is_answer else 0
        state = whole(given[state_at], 0, 255)
        self.registration[name] = state
        word, is_good = _STATES.get(state, (f"code-{state}", None))
        part = _DOMAINS[name]
        said: list[Observation] = [Condition(part=part, value=word, is_good=is_good)]
        more = [bare(field) for field in given[state_at + 1 :]]
        if len(more) >= 2 and more[0] and more[1]:
            said.append(self._condition(f"{part}-cell", f"{more[0].upper()} {more[1].upper()}"))
        elif state not in REGISTERED:
            said += self._gone(f"{part}-cell")
        if len(more) >= 3 and more[2]:
            access = whole(more[2], 0, 255)
            value = _ACCESS[access] if access < len(_ACCESS) else f"code-{access}"
            said.append(self._condition(f"{part}-access", value))
        elif state not in REGISTERED:
            said += self._gone(f"{part}-access")
        return said

    def _condition(self, part: str, value: str) -> Condition:
        self._remember(part)
        return Condition(part=part, value=value)

    def _gone(self, part: str) -> Sequence[Observation]:
        return (Condition(part=part, value="none"),) if self._forget(part) else ()

    # ---- levels

    def _csq(self, rest: str) -> Sequence[Observation]:
        found = numbers(rest, 1)[0]
        if self._level == "bars":
            return (Signal(quantity="bars", value=float(whole(str(found), 0, 5)), unit="level"),)
        if found == 99:
            return (Signal(quantity="rssi", value=None, unit="dBm"),)
        return (Signal(quantity="rssi", value=float(2 * whole(str(found), 0, 31) - 113), unit="dBm"),)

    def _cesq(self, rest: str) -> Sequence[Observation]:
        rxlev, _, rscp, ecno, rsrq, rsrp = numbers(rest, 6)[:6]
        levels = (
            ("rsrp", _step(rsrp, 97, 255, (-140.0, 1.0)), "dBm"),
            ("rsrq", _step(rsrq, 34, 255, (-19.5, 0.5)), "dB"),
            ("rscp", _step(rscp, 96, 255, (-120.0, 1.0)), "dBm"),
            ("ecno", _step(ecno, 49, 255, (-24.0, 0.5)), "dB"),
            ("rxlev", _step(rxlev, 63, 99, (-110.0, 1.0)), "dBm"),
        )
        said = [one for name, value, unit in levels for one in self._level_of(name, value, unit)]
        return said or (Signal(quantity="rsrp", value=None, unit="dBm"),)

    def _level_of(self, quantity: str, value: float | None, unit: str) -> Sequence[Observation]:
        """A level; one that was there and is not any more is told once as not received."""
        if value is None and not self._forget(quantity):
            return ()
        if value is not None:
            self._remember(quantity)
        return (Signal(quantity=quantity, value=value, unit=unit),)

    def _qeng(self, rest: str) -> Sequence[Observation]:
        given = split(rest)
        kind = bare(given[0])
        if kind == "servingcell" and len(given) > 1:
            word, is_good = _CELLS.get(bare(given[1]), (bare(given[1]).lower(), None))
            said: list[Observation] = [Condition(part="serving-cell", value=word, is_good=is_good)]
            if len(given) > 2:
                return said + self._cell(given[2:])
            return said if is_good else said + self._lost_cell()
        return self._cell(given) if kind in {"LTE", "NR5G-NSA", "NR5G-SA"} else ()

    def _cell(self, given: list[str]) -> list[Observation]:
        """From the technology on; of others than LTE the technology only, because their fields differ by model."""
        access = bare(given[0])
        said: list[Observation] = [self._condition("serving-access", access)]
        if access != "LTE":
            return said + (self._lost_levels() if access == "NR5G-SA" else [])
        if len(given) < 15:
            raise FieldError(access)
        said.append(self._condition("serving-network", f"{bare(given[2])}-{bare(given[3])} {bare(given[1])}"))
        numbers_of = f"{bare(given[4])} PCI {bare(given[5])} EARFCN {bare(given[6])} band {bare(given[7])}"
        said.append(self._condition("serving-id", f"{numbers_of} TAC {bare(given[10])}"))
        for name, field, low, high, unit in (
            ("rsrp", given[11], -200, 0, "dBm"),
            ("rsrq", given[12], -60, 30, "dB"),
            ("sinr-raw", given[14], -100, 1000, "1"),
        ):
            value = None if field in {"-", ""} else float(whole(field, low, high))
            said += self._level_of(name, value, unit)
        return said

    def _lost_cell(self) -> list[Observation]:
        gone = [one for part in ("serving-access", "serving-network", "serving-id") for one in self._gone(part)]
        return gone + self._lost_levels()

    def _lost_levels(self) -> list[Observation]:
        units = {"rsrp": "dBm", "rsrq": "dB", "sinr-raw": "1"}
        return [one for name, unit in units.items() for one in self._level_of(name, None, unit)]

    # ---- card, operator, memory

    def _cpin(self, rest: str) -> Sequence[Observation]:
        word = bare(rest.strip())
        return self._sim("ready" if word == "READY" else word.lower().replace(" ", "-"))

    def _sim(self, word: str) -> Sequence[Observation]:
        self.sim = word
        return (Condition(part="sim", value=word, is_good=None if word == "busy" else word == "ready"),)

    def _cops(self, rest: str) -> Sequence[Observation]:
        given = split(rest)
        whole(given[0], 0, 9)
        if len(given) < 3 or not bare(given[2]):
            return (Condition(part="operator", value="none"),)
        return (Condition(part="operator", value=bare(given[2])),)

    def _cpms(self, rest: str) -> Sequence[Observation]:
        given = split(rest)
        if len(given) < 3 or not is_quoted(given[0]):
            return ()  # the answer to setting it: numbers alone
        self.memory = bare(given[0])
        used, total = whole(given[1], 0, 9999), whole(given[2], 0, 9999)
        return (Condition(part="sms-memory", value=f"{used}/{total}", is_good=used < total),)

    # ---- memory of what was told

    def _remember(self, name: str) -> None:
        if name not in self._told:
            self._told.append(name)

    def _forget(self, name: str) -> bool:
        if name not in self._told:
            return False
        self._told.remove(name)
        return True

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "sim": self.sim, "memory": self.memory, "registration": dict(self.registration), "told": list(self._told),
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self.sim, self.memory = state["sim"], state["memory"]
        self.registration, self._told = dict(state["registration"]), list(state["told"])


def _step(value: int, highest: int, unknown: int, scale: tuple[float, float]) -> float | None:
    """The level of a numbered step; ``None``: not known.  Raises ``FieldError``."""
    if value == unknown:
        return None
    return scale[0] + scale[1] * whole(str(value), 0, highest)
