"""Motorola MOTOTRBO radios: registration (ARS), location (LRRP), text (TMS), each on a UDP port of its own.

**Source:** public implementations (OK-DMR ok-dmrlib, Moto.Net) as named in the modules; no official text was available.
**Assumed:** named in the modules.
"""

from devices.drivers.motorola.radios import Motorola

__all__ = ["Motorola"]
