"""通信: bearers, terminals and messages."""

from console.views.comms.screen import CommsScreen

__all__ = ["CommsScreen"]
