"""回放: the incident again."""

from console.views.replay.screen import ReplayScreen

__all__ = ["ReplayScreen"]
