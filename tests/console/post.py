"""A vehicle with four bearers, three of them probed once a second: the rig of the tests of who carries."""

from __future__ import annotations

from console.configuration.model import BearerConfiguration, Configuration, ContactConfiguration, DeviceConfiguration
from console.configuration.switching_model import SwitchingConfiguration
from console.pace_facts import Pace
from tests.console.door import Door

BY = "新郑-指01"
RUNGS = {"fibre": "primary", "lte": "alternate", "vsat": "contingency"}
VEHICLE = Configuration(
    mode="live",
    incident="双洎河漫溢",
    post=BY,
    devices=(
        *(DeviceConfiguration(id=f"p-{one}", name=one, driver="probe", wire="ping:127.0.0.1") for one in RUNGS),
        DeviceConfiguration(id="bd", name="北斗", driver="beidou_rdss", wire="tcp:127.0.0.1:1"),
    ),
    bearers=(
        *(
            BearerConfiguration(id=one, name=one, rung=rung, device_id=f"p-{one}", degraded_ms=1_000)  # type: ignore[arg-type]
            for one, rung in RUNGS.items()
        ),
        BearerConfiguration(id="rdss", name="北斗", rung="emergency", device_id="bd"),
    ),
    contacts=(ContactConfiguration(name="县指挥部", device_id="bd", recipient="250001", is_rear=True),),
    switching=SwitchingConfiguration(quiet_s=60, weak_s=30, unknown_s=20),
)
GOOD_MS: dict[str, float | None] = dict.fromkeys(RUNGS, 20.0)


class Post(Door):
    """A vehicle with four bearers, three of them probed once a second."""

    def __init__(self, configuration: Configuration = VEHICLE) -> None:
        super().__init__(configuration)
        for one in RUNGS:
            self.up(f"p-{one}")

    def run(self, seconds: int, **round_trips_ms: float | None) -> None:
        for _ in range(seconds):
            for one, round_trip_ms in (GOOD_MS | round_trips_ms).items():
                self.probe(f"p-{one}", round_trip_ms)
            self.wait(1)

    def run_others(self) -> None:
        """One second in which the fibre's probe says nothing."""
        for one in ("lte", "vsat"):
            self.probe(f"p-{one}", 20.0)
        self.wait(1)

    def pace(self) -> Pace:
        return self.picture().pace

    def lines(self) -> list[str]:
        return [one.text.id for one in self.picture().notices if one.text.id.startswith("switch.")]


def opened() -> Post:
    post = Post()
    post.run(5)
    assert post.pace().carrier_id == "fibre"
    return post
