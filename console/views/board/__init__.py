"""三断牌: what is cut of network, power and roads, and who can be reached until when."""

from console.views.board.screen import BoardScreen

__all__ = ["BoardScreen"]
