"""JT/T 808 terminals of the editions 2011, 2013 and 2019: vehicles, body-worn recorders, 4G picture senders.

**Source:** JT/T 808-2011/2013/2019 as published by open implementations named in the modules; the standard's own text
was not available.
**Assumed:** named in the modules.
"""

from devices.drivers.jt808.terminal import Jt808

__all__ = ["Jt808"]
