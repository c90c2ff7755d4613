"""Makes the two alarm sounds beside it: red, three short high tones; amber, one low tone.  Standard library only."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 16_000
RED = ((880.0, 0.12), (0.0, 0.06)) * 3
AMBER = ((523.0, 0.28), (0.0, 0.05))


def write(name: str, tones: tuple[tuple[float, float], ...]) -> None:
    """Write one file of sine tones ``(frequency_hz, seconds)`` with soft edges; 0 Hz is a pause."""
    samples = bytearray()
    for frequency_hz, seconds in tones:
        count = round(RATE_HZ * seconds)
        for index in range(count):
            edge = min(1.0, index / 160, (count - index) / 160)
            level = math.sin(2 * math.pi * frequency_hz * index / RATE_HZ) if frequency_hz else 0.0
            samples += struct.pack("<h", round(16_000 * edge * level))
    with wave.open(str(Path(__file__).with_name(f"{name}.wav")), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(samples))


if __name__ == "__main__":
    write("red", RED)
    write("amber", AMBER)
