"""Where the person's own configuration and the journals lie.  Live and drill never share a folder."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from console.configuration.model import Configuration
from console.picture import Mode

APPLICATION = "command-post"
FILE_NAME = "vehicle.toml"


def own_file() -> Path:
    """The person's own configuration, whether or not it is there."""
    return user_config_path(APPLICATION, appauthor=False) / FILE_NAME


def find(given: Path | None, *, is_drill: bool = False) -> Path | None:
    """Which file to open: the given one, else the person's own if it is there, else ``None``: the drill vehicle.

    A given file is not looked at: a wrong name must be told, never answered with a drill.  The own one counts as
    there also when it cannot be read (a broken link, a forbidden folder), for the same reason.
    """
    if is_drill:
        return None
    if given is not None:
        return given
    own = own_file()
    return own if own.is_symlink() or own.exists() else None


def journals(mode: Mode) -> Path:
    """The folder that holds the incidents of that mode, one folder each."""
    return user_data_path(APPLICATION, appauthor=False) / ("incidents" if mode == "live" else "drills")


def journal_folder(configuration: Configuration) -> Path:
    """The folder of the configured incident: the same for the same incident, so that a restart continues it."""
    since_ns = configuration.incident_since_ns
    day = "" if since_ns is None else dt.datetime.fromtimestamp(since_ns / 1e9, tz=dt.UTC).strftime("%Y%m%dT%H%MZ-")
    name = re.sub(r"[^\w-]+", "_", configuration.incident).strip("_.")[:60]
    return journals(configuration.mode) / f"{day}{name or 'incident'}"
