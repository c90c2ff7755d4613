"""Sample supplies, and who is reached until when, about the drawn screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.picture import Picture, Text
from console.power_facts import Power, Supply
from console.reach_facts import End, Means, Reach
from tests.views.pictures import MIN, NOW, picture
from tests.views.roads import roads

H = 60 * MIN


def supply(identity: str = "car", **changes: Any) -> Supply:
    """The vehicle's battery feeds since 13:40 and lasts until 20:45 to 21:40."""
    base = Supply(
        id=identity,
        name="车载电池",
        kind="vehicle_battery",
        state="feeding",
        since_ns=NOW - 52 * MIN,
        device_id="shunt",
        team_id=None,
        feeds=("vsat", "bd1"),
        told_by="电池监测",
        charge_percent=63.0,
        charge_ns=NOW - 2 * MIN,
        low_s=6 * 3600 + 780,
        high_s=7 * 3600 + 480,
        ends_low_ns=NOW + 6 * H + 13 * MIN,
        ends_high_ns=NOW + 7 * H + 8 * MIN,
        reckoned_ns=NOW,
    )
    return replace(base, **changes)


def supplies() -> tuple[Supply, ...]:
    """The mains are out, the battery feeds, the generator stands, the base station's backup is nearly empty."""
    return (
        supply(),
        supply("mains", name="市电", kind="mains", state="off", told_by="配电箱", charge_percent=None,
               charge_ns=None, ends_low_ns=None, ends_high_ns=None, feeds=("fibre", "lte")),
        supply("generator", name="发电机", kind="generator", state="off", is_reserve=True, told_by="王磊",
               charge_percent=None, charge_ns=None, ends_low_ns=None, ends_high_ns=None, fuel_percent=38.0),
        supply("station", name="370M 基站后备", kind="station_backup", state="feeding", since_ns=NOW - 45 * MIN,
               charge_percent=21.0, charge_ns=NOW - 26 * MIN, ends_low_ns=NOW + 40 * MIN, is_stale=True,
               ends_high_ns=NOW + 130 * MIN, feeds=("narrowband",)),
    )  # fmt: skip


def means(identity: str, name: str, **changes: Any) -> Means:
    """A bearer that is up, fed by the battery."""
    end = End(
        kind="range",
        low_ns=NOW + 6 * H + 13 * MIN,
        high_ns=NOW + 7 * H + 8 * MIN,
        weakest="车载电池",
        weakest_id="car",
    )
    base = Means(
        id=identity, name=name, kind="bearer", state="up", since_ns=NOW - 40 * MIN, proof_ns=NOW - MIN,
        is_two_way=True, feeds=("车载电池",), hangs_on=("car",), end=end,
    )  # fmt: skip
    return replace(base, **changes)


def reaches() -> tuple[Reach, ...]:
    """The rear by two means, a town by one that can only be heard, one cut off, one nobody knows of."""
    out, fed = End(kind="out"), means("vsat", "VSAT 便携站").end
    dead = {"state": "down", "hangs_on": ("mains",), "feeds": ("市电",), "end": out}
    station = End(
        kind="range", low_ns=NOW + 40 * MIN, high_ns=NOW + 130 * MIN, weakest="370M 基站后备", weakest_id="station",
        doubt=Text(id="reach.doubt.stale", args={"supply": "370M 基站后备"}),
    )  # fmt: skip
    radio = means("narrowband", "370M 窄带基站", hangs_on=("station",), feeds=("370M 基站后备",), end=station)
    return (
        Reach(
            id="rear", name="市防指", kind="rear", state="up", end=fed,
            means=(
                means("vsat", "VSAT 便携站"),
                means("bd1", "北斗短报文", proof_ns=NOW - 20 * MIN),
                means("fibre", "地面光纤", proof_ns=NOW - 46 * MIN, **dead),
                means("lte", "LTE 路由器", proof_ns=NOW - 41 * MIN, **dead),
            ),
        ),
        Reach(
            id="contact:观音寺镇", name="观音寺镇", kind="contact", state="down", end=out,
            means=(
                means("lte", "LTE 路由器", proof_ns=NOW - 55 * MIN, **dead),
                means("bridge", "S321 观音寺桥", kind="road", state="down", hangs_on=(), feeds=(), end=out),
            ),
        ),
        Reach(id="消防水域二组", name="消防水域二组", kind="team", state="up", end=station, means=(radio,)),
        Reach(
            id="电力抢修一队", name="电力抢修一队", kind="team", state="weak",
            end=End(kind="unknown", doubt=Text(id="reach.doubt.one_way")),
            means=(means("gnss", "车载定位", kind="device", is_two_way=False, end=End(kind="unknown")),),
        ),
        Reach(
            id="梨河镇转移组", name="梨河镇转移组", kind="team", state="unknown",
            end=End(kind="unknown", doubt=Text(id="reach.doubt.silent")),
            means=(means("bd1", "北斗指挥机", kind="device", state="unknown", proof_ns=None),),
        ),
    )  # fmt: skip


def board_picture(**changes: Any) -> Picture:
    """All three cuts at once."""
    return picture(power=Power(supplies=supplies(), chief_id="car"), reach=reaches(), roads=roads(), **changes)
