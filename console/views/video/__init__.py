"""视频: the wall."""

from console.views.video.screen import VideoScreen

__all__ = ["VideoScreen"]
