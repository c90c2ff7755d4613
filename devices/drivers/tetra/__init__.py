"""TETRA terminals at their peripheral equipment interface (AT commands): SDS texts, statuses, locations, calls.

**Source:** public clients of the interface as named in the modules (ftl/tetra-pei with its tests, SvxLink's notes, logs
published in forums); the ETSI texts themselves (EN 300 392-5, TS 100 392-18-1) were not read.
**Assumed:** named in the modules.
"""

from devices.drivers.tetra.terminal import Tetra

__all__ = ["Tetra"]
