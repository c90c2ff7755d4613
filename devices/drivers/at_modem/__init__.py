"""Modems that are told and tell by AT commands: cellular modules and routers, 天通 modules, Iridium short burst data.

A profile in ``resources/profiles/at_modem`` says what a kind of modem is asked; what the answers mean is here.

**Source:** ITU-T V.250, 3GPP TS 27.007, 27.005, 23.038 and 23.040 as read in public code and documents (each module
names its own); published answers of Quectel modules and of Iridium SBD modules; published short messages.
**Assumed:** everything about 天通 modules but four commands that are publicly attested, and what each module and each
profile names as assumed.
"""

from devices.drivers.at_modem.modem import AtModem

__all__ = ["AtModem"]
