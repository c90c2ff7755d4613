"""设备: the workbench."""

from console.views.devices.screen import DevicesScreen

__all__ = ["DevicesScreen"]
