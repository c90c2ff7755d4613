"""Uninterruptible supplies by a NUT server: the sampler's lines, one a ``LIST VAR``.

What the server says of itself is kept apart from what it hands on: ``data-stale`` and ``driver-not-connected`` are
Conditions, and no value is told then.  On battery a charge, a runtime and a voltage that all stand still for
``frozen_after_s`` are not told any longer: drivers were seen to repeat the last values for hours.

**Source:** NUT developer guide, chapter "Network protocol information" (LIST VAR, error words) and "Status data"
(the words of ``ups.status``), NUT 2.8.0; frozen values: networkupstools/nut issue 2805, home-assistant/core 46481.
**Assumed:** ``battery.voltage`` is the voltage that people ask for; ``ups.realpower`` is what the loads take.
A status word that is not known is shown and judged as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import Condition, Malformed, Observation, Power, Signal
from devices.profiles import shown_text, words_of
from devices.readings import number_of
from devices.sampled import Answer, answers

_FINE = frozenset({"OL", "CHRG", "HB", "TRIM", "BOOST", "ECO"})
_TROUBLE = frozenset({"OB", "LB", "RB", "OVER", "OFF", "FSD", "ALARM", "NOCOMM", "COMMBAD", "BYPASS", "DISCHRG"})
_SOURCES = (("OFF", "off"), ("BYPASS", "bypass"), ("OB", "battery"), ("OL", "mains"))
_LEVELS = (
    ("ups.load", "load", "%", 0.0, 200.0),
    ("input.voltage", "input_voltage", "V", 0.0, 1000.0),
    ("output.voltage", "output_voltage", "V", 0.0, 1000.0),
    ("input.frequency", "input_frequency", "Hz", 0.0, 500.0),
    ("ups.temperature", "temperature", "degC", -40.0, 120.0),
)
_POWER = (
    ("battery.charge", 0.0, 100.0),
    ("battery.runtime", 0.0, 30.0 * 86_400.0),
    ("battery.voltage", 0.0, 1000.0),
    ("ups.realpower", 0.0, 1_000_000.0),
)
_MOVING = ("battery.charge", "battery.runtime", "battery.voltage")


class Nut:
    """One UPS behind one server."""

    __slots__ = ("_frozen_after_ns", "_has_trouble", "_last", "_since_ns")

    def __init__(self, settings: Settings) -> None:
        self._frozen_after_ns = int(settings.get("frozen_after_s", 300)) * NS_PER_S
        self._last: dict[str, float] = {}
        self._since_ns: int | None = None
        self._has_trouble = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """Power, Conditions and Signals; never raises."""
        said: list[Observation] = []
        for answer in answers(data):
            said.extend((answer,) if isinstance(answer, Malformed) else self._understand(answer))
        return said

    def _understand(self, answer: Answer) -> Sequence[Observation]:
        if answer.error is not None:
            self._has_trouble = True
            self._since_ns = None
            return (Condition(part="data", value=answer.error, is_good=False),)
        variables = answer.payload
        status = variables.get("ups.status") if isinstance(variables, dict) else None
        if not isinstance(status, str) or answer.answered_ns is None:
            return (Malformed(reason="value", raw=answer.raw),)
        again = (Condition(part="data", value="fresh", is_good=True),) if self._has_trouble else ()
        self._has_trouble = False
        words = tuple(dict.fromkeys(shown_text(status).split()))
        return (*again, *_conditions(words), *self._values(words, variables, answer))

    def _values(self, words: Sequence[str], variables: Mapping[str, Any], answer: Answer) -> Sequence[Observation]:
        numbers = {name: _within(variables.get(name), low, high) for name, low, high in _POWER}
        wrong = [name for name, value in numbers.items() if value is None and name in variables]
        source = next((source for word, source in _SOURCES if word in words), None)
        if "OB" in words and "OL" in words:
            source = None
        said: list[Observation] = []
        is_frozen = False
        if "OB" in words:
            is_frozen = self._is_frozen(numbers, answer.answered_ns or 0)
            if self._last:
                said.append(
                    Condition(part="reading", value="unchanged" if is_frozen else "live", is_good=not is_frozen)
                )
        else:
            self._since_ns = None
        if is_frozen:
            numbers = {}
        if source is not None or any(value is not None for value in numbers.values()):
            said.append(_power(source, numbers))
        levels, wrong_levels = _levels(variables)
        said.extend(levels)
        return [*said, *(Malformed(reason="range", raw=answer.raw) for _ in (wrong + wrong_levels)[:1])]

    def _is_frozen(self, numbers: Mapping[str, float | None], at_ns: int) -> bool:
        """Whether nothing of a battery that is being emptied moved for too long."""
        now = {name: value for name in _MOVING if (value := numbers.get(name)) is not None}
        if not now or self._since_ns is None or now != self._last or at_ns < self._since_ns:
            self._last, self._since_ns = now, at_ns
        return bool(now) and at_ns - self._since_ns > self._frozen_after_ns

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: this console switches no supply."""
        return Refused(reason="polled-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over."""
        return ()

    def save(self) -> dict[str, Any]:
        """The battery's last values and since when they stand."""
        return {"last": dict(self._last), "since_ns": self._since_ns, "has_trouble": self._has_trouble}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._last = dict(state["last"])
        self._since_ns = state["since_ns"]
        self._has_trouble = state["has_trouble"]


def _conditions(words: Sequence[str]) -> Sequence[Observation]:
    """The status as the server says it, and its parts in words of their own."""
    is_good: bool | None = None
    if any(word in _TROUBLE for word in words):
        is_good = False
    elif "OL" in words and all(word in _FINE for word in words):
        is_good = True
    battery = [name for word, name in (("LB", "low"), ("RB", "replace"), ("CHRG", "charging")) if word in words]
    said: list[Observation] = [
        Condition(part="ups-status", value=words_of(words), is_good=is_good),
        Condition(part="battery", value=" ".join(battery) or "normal", is_good=not {"LB", "RB"} & set(words)),
        Condition(part="overload", value="yes" if "OVER" in words else "no", is_good="OVER" not in words),
    ]
    if ("OL" in words) is not ("OB" in words):
        said.append(Condition(part="mains", value="present" if "OL" in words else "absent", is_good="OL" in words))
    return said


def _power(source: str | None, numbers: Mapping[str, float | None]) -> Power:
    return Power(
        source=source,
        voltage_v=numbers.get("battery.voltage"),
        power_w=numbers.get("ups.realpower"),
        charge_percent=numbers.get("battery.charge"),
        runtime_s=numbers.get("battery.runtime"),
    )


def _within(value: object, low: float, high: float) -> float | None:
    number = number_of(value)
    return number if number is not None and low <= number <= high else None


def _levels(variables: Mapping[str, Any]) -> tuple[list[Observation], list[str]]:
    """Signals, and the names of variables that cannot be."""
    said: list[Observation] = []
    wrong = []
    for name, quantity, unit, low, high in _LEVELS:
        if name in variables:
            value = _within(variables[name], low, high)
            if value is None:
                wrong.append(name)
            else:
                said.append(Signal(quantity=quantity, value=value, unit=unit))
    return said, wrong
