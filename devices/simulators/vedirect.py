"""A battery monitor with a solar charger's fields, on its port: one block a second.

Settings, all optional: ``charge_percent`` (80), ``load_w`` (120), ``solar_w`` (60), ``capacity_wh`` (2400), ``rate_hz``
(1), ``mains_for_s`` (0: there are none) for which the battery is filled with ``charge_w`` (400) before it has to give.
Faults: ``checksum_errors`` (share of blocks with one octet changed), ``hex_frames`` (share of blocks with a
hexadecimal frame in their middle), ``alarm_after_s`` (0: never; then low voltage).

**Source:** fields and checksum as in ``devices.drivers.vedirect``.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.driver import Chance, Settings
from devices.simulators.lines import Rounds


class VeDirectSimulator:
    """Says one block whenever its time has come; answers nothing."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._charge_percent = float(settings.get("charge_percent", 80.0))
        self._load_w = float(settings.get("load_w", 120.0))
        self._solar_w = float(settings.get("solar_w", 60.0))
        self._capacity_wh = max(1.0, float(settings.get("capacity_wh", 2400.0)))
        self._checksum_errors = float(settings.get("checksum_errors", 0.0))
        self._hex_frames = float(settings.get("hex_frames", 0.0))
        self._alarm_after_s = float(settings.get("alarm_after_s", 0.0))
        self._mains_for_s = max(0.0, float(settings.get("mains_for_s", 0.0)))
        self._charge_w = float(settings.get("charge_w", 400.0))
        self._rounds = Rounds(1.0 / min(10.0, max(0.1, float(settings.get("rate_hz", 1.0)))))

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: text mode listens to nobody."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The block that is due, if one is."""
        since_s = self._rounds.due_s(at_ns)
        if since_s is None:
            return ()
        block = sealed(self._fields(since_s))
        if self._checksum_errors and self._chance() < self._checksum_errors:
            at = int(self._chance() * (len(block) - 12))
            block = block[:at] + bytes([block[at] ^ 0x01]) + block[at + 1 :]
        if self._hex_frames and self._chance() < self._hex_frames:
            middle = block.index(b"\r\n", 10)
            block = block[:middle] + b":7F0ED009600DB\n" + block[middle:]
        return (block,)

    def _fields(self, since_s: float) -> list[tuple[str, str]]:
        has_mains = since_s < self._mains_for_s
        given_w = self._load_w - self._solar_w
        taken_w = -self._charge_w if has_mains else given_w
        filled_s = min(since_s, self._mains_for_s)
        taken_wh = (given_w * (since_s - filled_s) - self._charge_w * filled_s) / 3600.0
        charge_percent = min(100.0, max(0.0, self._charge_percent - 100.0 * taken_wh / self._capacity_wh))
        volts = 24.0 + 2.5 * charge_percent / 100.0
        runtime_min = -1 if taken_w <= 0 else round(self._capacity_wh * charge_percent / 100.0 / taken_w * 60.0)
        is_alarmed = self._alarm_after_s > 0 and since_s >= self._alarm_after_s
        return [
            ("PID", "0x204"),
            ("V", f"{volts * 1000:.0f}"),
            ("I", f"{-taken_w / volts * 1000:.0f}"),
            ("P", f"{-taken_w:.0f}"),
            ("SOC", f"{charge_percent * 10:.0f}"),
            ("TTG", str(runtime_min)),
            ("VPV", "38400"),
            ("PPV", f"{self._solar_w:.0f}"),
            ("CS", "3" if self._solar_w > 0 else "0"),
            ("ERR", "0"),
            ("Alarm", "ON" if is_alarmed else "OFF"),
            ("AR", "1" if is_alarmed else "0"),
            ("Relay", "OFF"),
        ]


def sealed(fields: Sequence[tuple[str, str]]) -> bytes:
    """A block with its checksum."""
    block = "".join(f"\r\n{label}\t{value}" for label, value in fields).encode("latin-1") + b"\r\nChecksum\t"
    return block + bytes([-sum(block) & 0xFF])
