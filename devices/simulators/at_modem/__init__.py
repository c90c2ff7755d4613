"""The modem's end of an AT wire: a cellular module with its card, or an Iridium SBD module."""

from devices.simulators.at_modem.modem import AtModemSimulator

__all__ = ["AtModemSimulator"]
