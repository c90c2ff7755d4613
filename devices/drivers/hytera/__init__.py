"""Hytera DMR radios and repeaters: HDAP, bare or in HRNP or HSTRP.

**Source:** public implementations of HDAP (OK-DMR ok-dmrlib and dmr-kaitai, layouts and captured octets only) as named
in the modules; no official text was available.
**Assumed:** named in the modules.
"""

from devices.drivers.hytera.radios import Hytera

__all__ = ["Hytera"]
