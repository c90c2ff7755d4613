"""Pictures to draw in tests: the situation of the drawn screen, made of the public vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from console.picture import (
    Alarm,
    Bearer,
    BearerSample,
    Camera,
    ClockHealth,
    Contact,
    Device,
    Incident,
    JournalHealth,
    Message,
    Notice,
    Picture,
    Place,
    Team,
    Text,
    TrailPoint,
)
from tests.views.desks import MIN, NOW, FakeDesk, S, bridge_with
from tests.views.more_pictures import pace
from tests.views.powered_pictures import power

__all__ = ["MIN", "NOW", "FakeDesk", "S", "bridge_with"]


def place(lat_deg: float, lon_deg: float, age_s: float, *, course_deg: float | None = None) -> Place:
    """A place whose fix is ``age_s`` old."""
    at_ns = NOW - round(age_s * S)
    return Place(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        altitude_m=110.0,
        speed_mps=0.0 if course_deg is None else 4.0,
        course_deg=course_deg,
        accuracy_m=None,
        satellites=9,
        datum="wgs84",
        fix_ns=at_ns,
        at_ns=at_ns,
        device_id="bd1",
        is_clock_doubtful=False,
    )


def team(
    name: str,
    symbol: str,
    people: int | None,
    silent_s: float | None,
    expected_min: float,
    where: Place | None = None,
    *,
    kind: str = "position",
    by: str = "bd1",
    charge_percent: float | None = None,
    trail: tuple[TrailPoint, ...] = (),
) -> Team:
    """A team heard ``silent_s`` ago."""
    heard = None if silent_s is None else NOW - round(silent_s * S)
    return Team(
        id=name,
        name=name,
        symbol=symbol,
        people=people,
        expected_s=expected_min * 60,
        means=(by,),
        last_heard_ns=heard,
        last_heard_by=None if heard is None else by,
        last_heard_kind=None if heard is None else kind,
        charge_percent=charge_percent,
        charge_ns=heard if charge_percent is not None else None,
        place=where,
        trail=trail,
    )


def trail(*points: tuple[float, float, float, bool]) -> tuple[TrailPoint, ...]:
    """Points of latitude, longitude, age in seconds, after a gap."""
    return tuple(
        TrailPoint(lat_deg=lat, lon_deg=lon, at_ns=NOW - round(age * S), is_after_gap=gap)
        for lat, lon, age, gap in points
    )


def teams() -> tuple[Team, ...]:
    """Twelve teams: one over, one soon, one never heard."""
    return (
        team(
            "应急通信小分队",
            "通",
            6,
            41,
            5,
            place(34.385, 113.752, 41, course_deg=150),
            charge_percent=80,
            trail=trail((34.402, 113.735, 900, False), (34.396, 113.742, 700, False), (34.385, 113.752, 41, True)),
        ),
        team("消防水域二组", "消", 8, 27 * 60, 15, place(34.355, 113.760, 27 * 60), kind="presence"),
        team("观音寺镇综合队", "综", 30, 13 * 60, 15, place(34.352, 113.660, 45 * 60), kind="text", charge_percent=21),
        team("基干民兵连", "民", 46, 6 * 60, 10, place(34.362, 113.690, 6 * 60), charge_percent=60),
        team("电力抢修一队", "电", 12, 120, 5, place(34.401, 113.710, 120), charge_percent=90),
        team("医疗救护组", "医", 9, 35, 5, place(34.397, 113.731, 35)),
        team("工程机械组", "工", 14, 22, 5, place(34.410, 113.765, 22)),
        team("蓝天救援队", "蓝", 18, 12, 5, place(34.3955, 113.7325, 12), charge_percent=55),
        team("无人机组", "机", 3, 1, 1, place(34.392, 113.785, 1, course_deg=70)),
        team("水务排涝组", "水", 22, 95, 10, place(34.378, 113.720, 95)),
        team("公安交警组", "警", 16, 50, 5, place(34.418, 113.742, 50)),
        team("梨河镇转移组", "转", None, None, 15, None),
    )


def camera(
    name: str, state: str = "live", age_s: float | None = 0.2, *, is_connected: bool = True, reason: Text | None = None
) -> Camera:
    """A picture source whose last packet is ``age_s`` old."""
    return Camera(
        id=name,
        name=name,
        url="rtsp://10.8.0.71/1",
        state=state,  # type: ignore[arg-type]
        since_ns=NOW - 12 * MIN,
        is_connected=is_connected,
        last_packet_ns=None if age_s is None else NOW - round(age_s * S),
        reason=reason,
        attempts=0 if is_connected else 4,
        retry_at_ns=None if is_connected else NOW + 8 * S,
        width_px=1280,
        height_px=720,
        codec="h264",
        rate_fps=25.0,
        rate_bps=1.9e6,
        is_recording=True,
        owner=None,
    )


def cameras() -> tuple[Camera, ...]:
    """Five sources: three live, one frozen, one that cannot be reached."""
    return (
        camera("无人机一号 · 双洎河口"),
        camera("4G 图传 02", age_s=0.4),
        camera("观音寺桥球机", "stalled", 27),
        camera("执法仪 07", age_s=0.6),
        camera("市防指视频会议", "down", None, is_connected=False),
    )


def history(*medians: float | None) -> tuple[BearerSample, ...]:
    """One sample a minute, newest last; ``None`` is a minute in which everything was lost."""
    count = len(medians)
    return tuple(
        BearerSample(
            at_ns=NOW - (count - index) * MIN,
            median_ms=value,
            low_ms=value,
            high_ms=None if value is None else value * 1.3,
            loss_percent=100.0 if value is None else 0.0,
        )
        for index, value in enumerate(medians)
    )


def bearer(
    name: str,
    rung: str,
    state: str,
    since_min: float,
    *,
    round_trip_ms: float | None = None,
    loss_percent: float | None = None,
    receipt_min: float | None = None,
    is_in_use: bool = False,
    samples: tuple[BearerSample, ...] = (),
    requires: str = "",
    reason: Text | None = None,
) -> Bearer:
    """A way to the rear, in ``state`` since ``since_min`` minutes."""
    return Bearer(
        id=name,
        name=name,
        rung=rung,  # type: ignore[arg-type]
        requires=requires,
        device_id=f"probe-{name}",
        state=state,  # type: ignore[arg-type]
        since_ns=NOW - round(since_min * MIN),
        reason=reason,
        round_trip_ms=round_trip_ms,
        loss_percent=loss_percent,
        judged_ns=NOW - S,
        receipt_ns=None if receipt_min is None else NOW - round(receipt_min * MIN),
        is_in_use=is_in_use,
        level=None,
        next_send_ns=None,
        capacity_bits=None,
        history=samples,
    )


def bearers() -> tuple[Bearer, ...]:
    """Six: fibre and LTE down, VSAT in use, satellite phone weak, BeiDou up."""
    gone: tuple[float | None, ...] = (30.0, 31.0, 30.0, *([None] * 27))
    return (
        bearer("地面光纤", "primary", "down", 45, loss_percent=100, receipt_min=46, samples=history(*gone)),
        bearer(
            "LTE 路由器",
            "alternate",
            "down",
            40,
            loss_percent=100,
            receipt_min=41,
            samples=history(*([60.0, 75.0, 90.0] * 3), *([None] * 21)),
        ),
        bearer(
            "VSAT 便携站",
            "contingency",
            "up",
            39,
            round_trip_ms=612,
            loss_percent=0.4,
            receipt_min=1,
            is_in_use=True,
            samples=history(*([600.0, 640.0, 610.0] * 10)),
            requires="对天通视",
        ),
        bearer(
            "370M 窄带基站", "contingency", "up", 45, round_trip_ms=44, loss_percent=0, samples=history(*([44.0] * 30))
        ),
        bearer(
            "天通终端",
            "emergency",
            "degraded",
            10,
            round_trip_ms=1400,
            loss_percent=12,
            receipt_min=14,
            samples=history(*([1400.0, 900.0, 2200.0] * 10)),
        ),
        bearer("北斗短报文", "emergency", "up", 301, receipt_min=20),
    )


def alarms() -> tuple[Alarm, ...]:
    """Two unacknowledged, one acknowledged, one returned."""
    silence = Text(id="alarm.silence", args={"team": "消防水域二组", "minutes": 15})

    def alarm(name: str, priority: str, state: str, raised_min: float, text: Text) -> Alarm:
        raised = NOW - round(raised_min * MIN)
        return Alarm(
            id=name,
            rule="silence",
            subject_id="消防水域二组",
            priority=priority,  # type: ignore[arg-type]
            state=state,  # type: ignore[arg-type]
            text=text,
            raised_ns=raised,
            acknowledged_ns=NOW - MIN if state == "acknowledged" else None,
            returned_ns=NOW - MIN if state == "returned" else None,
        )

    return (
        alarm("silence:消防水域二组", "red", "unacknowledged", 12, silence),
        alarm("bearer:天通终端", "amber", "unacknowledged", 10, Text(id="天通终端 信号弱")),
        alarm("bearer:地面光纤", "red", "acknowledged", 45, Text(id="地面光纤 断")),
        alarm("camera:4G 图传 02", "amber", "returned", 7, Text(id="4G 图传 02 画面停过")),
    )


def message(name: str, text: str, state: str, age_min: float, *, is_outgoing: bool = True) -> Message:
    """A text in or out."""
    at_ns = NOW - round(age_min * MIN)
    return Message(
        id=name,
        is_outgoing=is_outgoing,
        device_id="bd1",
        peer="4207700",
        peer_name="后方 市防指" if is_outgoing else "观音寺镇综合队",
        text=text,
        state=state,  # type: ignore[arg-type]
        reason=None,
        created_ns=at_ns,
        submitted_ns=at_ns,
        sent_ns=at_ns + S if is_outgoing else None,
        confirmed_ns=at_ns + 30 * S if state == "confirmed" else None,
        source_time_ns=None,
        changed_ns=at_ns + 30 * S,
        used=32 if is_outgoing else None,
        limit=44 if is_outgoing else None,
        unit="hanzi" if is_outgoing else None,
    )


def messages() -> tuple[Message, ...]:
    """One of each state that matters."""
    return (
        message("m1", "续报 3:观音寺桥断，群众转移中", "confirmed", 19.5),
        message("m2", "转移 126 人至镇中学，缺冲锋舟 2 艘", "received", 13, is_outgoing=False),
        message("m3", "请派冲锋舟 2 艘至梨河镇渡口", "sent", 4),
        message("m4", "水位 108.2 米仍在涨", "unknown", 9),
    )


def notices() -> tuple[Notice, ...]:
    """Four lines of the log."""
    lines = (
        (12.0, "alarm", "消防水域二组 超过 15 分钟无任何消息"),
        (39.0, "bearer", "VSAT 便携站 通"),
        (45.0, "bearer", "地面光纤 断"),
        (52.0, "note", "市电中断，转车载电池"),
    )
    return tuple(
        Notice(
            number=len(lines) - index,
            at_ns=NOW - round(age * MIN),
            happened_ns=None,
            kind=kind,
            subject_id="",
            text=Text(id=said),
        )
        for index, (age, kind, said) in enumerate(lines)
    )


def device(device_id: str, name: str, *, where: Place | None = None, sends: Sequence[str] = ()) -> Device:
    """A device that is up and said something 0.4 s ago."""
    return Device(
        id=device_id,
        name=name,
        driver="beidou_rdss" if sends else "nmea0183",
        maturity="simulated",
        group="satellite" if sends else "position",
        wire="serial:/dev/ttyUSB0?baud=115200",
        state="up",
        since_ns=NOW - 300 * MIN,
        reason=None,
        attempts=0,
        retry_at_ns=None,
        last_octets_ns=NOW - 400_000_000,
        last_understood_ns=NOW - 400_000_000,
        octets_in=123_456,
        octets_out=789,
        understood=4000,
        malformed=2,
        unrecognised=1,
        place=where,
        card=None,
        facts=(),
        subordinates=(),
        sends=tuple(sends),
        next_send_ns=None,
        verdict=None,
    )


def picture(**changes: object) -> Picture:
    """The situation of the drawn screen; ``changes`` replace whole fields."""
    base = Picture(
        mode="live",
        at_ns=NOW,
        records=48_211,
        incident=Incident(name="双洎河漫溢 · 现场指挥部", post="新郑-指01", since_ns=NOW - 312 * MIN),
        devices=(
            device("bd1", "北斗指挥机", sends=("text", "receipt")),
            device("gnss", "车载 GNSS", where=place(34.4022, 113.7353, 0.4)),
        ),
        teams=teams(),
        cameras=cameras(),
        bearers=bearers(),
        alarms=alarms(),
        messages=messages(),
        notices=notices(),
        contacts=(
            Contact(device_id="bd1", recipient="4207700", name="后方 市防指", is_rear=True),
            Contact(device_id="bd1", recipient="4204986", name="观音寺镇综合队"),
        ),
        gaps=(),
        journal=JournalHealth(is_recorded=True, since_ns=NOW - 300 * MIN, reason=None, lost=0),
        clock=ClockHealth(offset_ns=60_000_000, device_id="gnss", judged_ns=NOW - S, is_doubtful=False),
        own_device_id="gnss",
        pace=pace(carrier_id="VSAT 便携站", returns_to_id="地面光纤"),
        sound_silenced_until_ns=None,
        faults=0,
        power=power(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]
