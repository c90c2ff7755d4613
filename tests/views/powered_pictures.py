"""Power as on the drawn screen: the mains are out, the vehicle lives on its battery, a station on its own."""

from __future__ import annotations

from console.picture import Text
from console.power_facts import Load, Power, Shed, Supply
from tests.views.desks import MIN, NOW, S

H = 3600


def battery(**changes: object) -> Supply:
    """The vehicle's battery, feeding."""
    values: dict[str, object] = {
        "id": "house", "name": "车载电池", "kind": "vehicle_battery", "state": "feeding", "since_ns": NOW - 52 * MIN,
        "device_id": "shunt", "team_id": None, "feeds": ("light", "heat"), "told_by": "电池监测",
        "charge_percent": 63.0, "charge_ns": NOW - S, "load_w": 742.0, "load_ns": NOW - S,
        "low_s": round(6.22 * H), "high_s": round(7.08 * H), "reckoned_ns": NOW,
        "ends_low_ns": NOW + round(6.22 * H) * S, "ends_high_ns": NOW + round(7.08 * H) * S,
        "basis": Text(id="power.basis.measured", args={"watts": 742, "energy_kwh": 4.93}),
        "next": "low", "next_low_ns": NOW + 3 * H * S, "next_high_ns": NOW + round(3.5 * H) * S,
        "told_runtime_s": 8.2 * H,
    }  # fmt: skip
    return Supply(**{**values, **changes})  # type: ignore[arg-type]


def mains(**changes: object) -> Supply:
    """The mains, out."""
    values: dict[str, object] = {
        "id": "mains", "name": "市电", "kind": "mains", "state": "off", "since_ns": NOW - 52 * MIN, "device_id": None,
        "team_id": None, "feeds": ("house",), "told_by": "UPS",
    }  # fmt: skip
    return Supply(**{**values, **changes})  # type: ignore[arg-type]


def generator(**changes: object) -> Supply:
    """The generator, standing."""
    values: dict[str, object] = {
        "id": "set", "name": "发电机", "kind": "generator", "state": "off", "since_ns": NOW - 300 * MIN,
        "device_id": None, "team_id": None, "feeds": ("house",), "told_by": "新郑-指01", "fuel_l": 15.2,
        "fuel_percent": 38.0, "fuel_ns": NOW - 4 * MIN, "low_s": round(12.1 * H), "high_s": round(16.4 * H),
        "reckoned_ns": NOW, "is_reserve": True,
        "basis": Text(id="power.basis.fuel_configured", args={"watts": 742, "litres": 15.2}),
    }  # fmt: skip
    return Supply(**{**values, **changes})  # type: ignore[arg-type]


def station(**changes: object) -> Supply:
    """A base station on its own battery."""
    values: dict[str, object] = {
        "id": "bs", "name": "370M 基站后备", "kind": "station_backup", "state": "feeding", "since_ns": NOW - 52 * MIN,
        "device_id": None, "team_id": None, "feeds": ("station-1",), "told_by": "调度台", "charge_percent": 27.0,
        "charge_ns": NOW - 12 * MIN, "low_s": round(2.1 * H), "high_s": round(2.6 * H), "reckoned_ns": NOW,
        "ends_low_ns": NOW + round(2.1 * H) * S, "ends_high_ns": NOW + round(2.6 * H) * S,
        "basis": Text(id="power.basis.hours", args={"hours": 8.0}),
    }  # fmt: skip
    return Supply(**{**values, **changes})  # type: ignore[arg-type]


LIGHT = Load(
    id="light", name="照明", supply_id="house", power_w=180.0, power_ns=None, is_on=True, can_be_shed=True, shed_order=1
)
HEAT = Load(
    id="heat", name="摄像机加热", supply_id="house", power_w=60.0, power_ns=None, is_on=True, can_be_shed=True,
    shed_order=2,
)  # fmt: skip
SHEDS = (
    Shed(
        load_id="light", name="照明", power_w=180.0, gain_low_s=round(1.44 * H), gain_high_s=round(1.7 * H),
        lasts_low_s=round(7.6 * H), lasts_high_s=round(8.8 * H),
    ),
    Shed(
        load_id="heat", name="摄像机加热", power_w=60.0, gain_low_s=32 * 60, gain_high_s=40 * 60,
        lasts_low_s=round(8.5 * H), lasts_high_s=round(9.9 * H),
    ),
)  # fmt: skip


def power(*supplies: Supply, chief_id: str | None = "house", reserve_id: str | None = None) -> Power:
    """All of it, or these supplies."""
    every = supplies or (mains(), battery(), generator(), station())
    return Power(supplies=every, loads=(LIGHT, HEAT), sheds=SHEDS, chief_id=chief_id, reserve_id=reserve_id)
