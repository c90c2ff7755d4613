"""APRS stations behind a KISS modem.

**Source:** and **Assumed:** stand in the modules of this package.
"""

from devices.drivers.aprs.station import Aprs

__all__ = ["Aprs"]
