"""A BeiDou terminal's end of the wire, in three dialects, for drills and tests."""

from devices.simulators.beidou_rdss.air import Air
from devices.simulators.beidou_rdss.terminal import BeidouRdssSimulator

__all__ = ["Air", "BeidouRdssSimulator"]
