"""Meshtastic radios.

**Source:** and **Assumed:** stand in the modules of this package.
"""

from devices.drivers.meshtastic.radio import Meshtastic

__all__ = ["Meshtastic"]
