"""Cursor on Target: users of TAK on phones and the systems of neighbours.

**Source:** published captures, tests and protocol texts of ATAK-CIV, taky and takproto, named in the modules.
**Assumed:** named in the modules.
"""

from devices.drivers.cot.terminal import Cot

__all__ = ["Cot"]
