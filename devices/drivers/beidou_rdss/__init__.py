"""BeiDou RDSS terminals in the dialects ``bd-ascii21``, ``bd-ascii3`` and ``bd-bin40``.

**Source:** public codecs and device logs named in the modules; no official text was available.
**Assumed:** named in the modules.
"""

from devices.drivers.beidou_rdss.terminal import BeidouRdss

__all__ = ["BeidouRdss"]
