"""态势: who is silent, what is cut, which pictures are live, and a short message that is sure to fit."""

from console.views.situation.screen import SituationScreen

__all__ = ["SituationScreen"]
