"""An engine's desk for tests of views, with a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import Callable

from console.bridge import Bridge
from console.orders import Order
from console.queries import MeasurePage, MeasureRequest, Page, RecordLine, ReplayState, Request
from console.sights import Footage, Showing
from devices.driver import TextLimit

S = 1_000_000_000
MIN = 60 * S
NOW = 1_689_834_727 * S
"""2023-07-20 14:32:07 in China."""


class FakeDesk:
    """An engine's desk whose clock is set by the test; remembers what was asked of it."""

    def __init__(self, now_ns: int = NOW) -> None:
        self.at_ns = now_ns
        self.orders: list[Order] = []
        self.requests: list[Request] = []
        self.showing: Showing = {}
        self.footages: dict[str, Footage] = {}
        self.limit: TextLimit | None = TextLimit(used=29, limit=44, unit="hanzi", is_sendable=True)

    def now_ns(self) -> int:
        return self.at_ns

    def submit(self, order: Order) -> None:
        self.orders.append(order)

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        self.requests.append(request)
        if isinstance(request, MeasureRequest):
            on_page(MeasurePage(device_id=request.device_id, text=request.text, limit=self.limit))
        return lambda: None

    def watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:
        """No octets flow in these tests."""

    # ---- as a replay's desk

    def seek(self, at_ns: int) -> None:
        self.at_ns = at_ns

    def set_speed(self, speed: float) -> None:
        """The clock of the test stands."""

    def step(self) -> None:
        self.at_ns += S

    def state(self) -> ReplayState:
        return ReplayState(title="test", from_ns=NOW - 60 * MIN, to_ns=NOW, at_ns=self.at_ns, speed=0)

    def show_cameras(self, wanted: Showing) -> None:
        self.showing = wanted

    def footage(self, camera_id: str) -> Footage | None:
        return self.footages.get(camera_id)

    def close(self) -> None:
        """Nothing is held."""


def bridge_with(desk: FakeDesk, replay_desk: FakeDesk | None = None) -> Bridge:
    """A bridge to ``desk``; with ``replay_desk`` a replay can be opened."""
    if replay_desk is None:
        return Bridge(desk)
    return Bridge(desk, open_replay=lambda _folder, _bridge: replay_desk)
