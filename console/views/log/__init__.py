"""日志: the log and the raw records."""

from console.views.log.screen import LogScreen

__all__ = ["LogScreen"]
