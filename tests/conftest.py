"""For all tests: a screen nobody sees, folders nobody owns, and no trouble that goes unnoticed."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.peers import is_ci

# How long one example takes is a matter of the machine and of what else runs on it: benches measure, tests do not.
settings.register_profile("command-post", deadline=None)
settings.load_profile("command-post")

# Before Qt is loaded by anything.  A test that is about a real display starts its own Xvfb and its own process.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
for name in ("DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(name, None)

# Also for what is computed at import, and for the processes that tests start: nothing of the person's own is touched.
_HOME = tempfile.TemporaryDirectory(prefix="command-post-tests-")
_FOLDERS = {
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "runtime",
}


def _set_folders(base: Path) -> None:
    for variable, folder in _FOLDERS.items():
        place = base / folder
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[variable] = str(place)


_set_folders(Path(_HOME.name))


@pytest.fixture(autouse=True)
def own_folders() -> Iterator[Path]:
    """Configuration, data and settings folders of this test alone; gives the folder above them."""
    before = {variable: os.environ[variable] for variable in _FOLDERS}
    # Not by pytest's factory: it reads the names of all folders that it ever made, at each of thousands of tests.
    base = Path(tempfile.mkdtemp(dir=_HOME.name))
    _set_folders(base)
    yield base
    os.environ.update(before)


class _Warnings(logging.Handler):
    """Keeps what was logged at WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A warning in the log fails the test, unless it asked for ``caplog`` and so looks at the log itself."""
    if "caplog" in pyfuncitem.fixturenames:
        return (yield)
    watch = _Warnings()
    logging.getLogger().addHandler(watch)
    try:
        result = yield
    finally:
        logging.getLogger().removeHandler(watch)
    if watch.records:
        lines = "\n".join(f"{one.levelname} {one.name}: {one.getMessage()}" for one in watch.records)
        pytest.fail(f"unexpected in the log:\n{lines}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI a peer test that skips, however it does so, has failed."""
    report = yield
    if report.skipped and is_ci() and item.get_closest_marker("peer") is not None and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"on CI no peer test may skip: {reason}"
    return report
