"""Sample pictures for 视频 通信 日志 设备 回放: what an engine could have published, and a desk that answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from console.orders import Order
from console.picture import (
    Bearer,
    BearerSample,
    BearerState,
    Camera,
    CameraState,
    CardFact,
    ClockHealth,
    Contact,
    Device,
    Fact,
    Incident,
    JournalHealth,
    Message,
    MessageState,
    Notice,
    Pace,
    Picture,
    Place,
    Rung,
    Text,
    Verdict,
    WireState,
)
from console.queries import (
    MeasurePage,
    MeasureRequest,
    NoticesPage,
    NoticesRequest,
    Page,
    RecordLine,
    RecordsPage,
    RecordsRequest,
    Request,
    TimelinePage,
    TimelineRequest,
)
from devices.driver import TextLimit

S = 1_000_000_000
MIN = 60 * S
NOW = 1_689_834_727 * S
"""2023-07-20T06:32:07Z, 14:32:07 in Zhengzhou."""


def device(device_id: str, name: str, **changes: object) -> Device:
    """A serial GNSS in good health, changed as asked."""
    base = Device(
        id=device_id,
        name=name,
        driver="nmea0183",
        maturity="bench",
        group="position",
        wire="serial:/dev/serial/by-id/usb-u-blox_7-if00?baud=9600",
        state="up",
        since_ns=NOW - 4 * 3600 * S,
        reason=None,
        attempts=0,
        retry_at_ns=None,
        last_octets_ns=NOW - S // 5,
        last_understood_ns=NOW - S // 5,
        octets_in=1_482_113,
        octets_out=0,
        understood=20_412,
        malformed=4,
        unrecognised=12,
        place=Place(
            lat_deg=34.39573,
            lon_deg=113.74059,
            altitude_m=112.0,
            speed_mps=0.1,
            course_deg=None,
            accuracy_m=3.0,
            satellites=18,
            datum="wgs84",
            fix_ns=NOW - S // 5,
            at_ns=NOW - S // 5,
            device_id=device_id,
            is_clock_doubtful=False,
        ),
        card=None,
        facts=(Fact(key="satellites", value=18, unit=None, index=None, at_ns=NOW - S),),
        subordinates=(),
        sends=(),
        next_send_ns=None,
        verdict=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def terminal(state: WireState = "up", **changes: object) -> Device:
    """A BeiDou commander with card, beams and two subordinates."""
    beams = (("beam", 3, 49.0), ("beam", 5, 47.0), ("beam", 9, 42.0), ("beam", 1, None))
    return device(
        "bd-1",
        "北斗指挥机",
        driver="beidou_rdss",
        maturity="simulated",
        group="satellite",
        wire="serial:/dev/serial/by-id/usb-FTDI_A50285BI-if00?baud=115200",
        state=state,
        last_octets_ns=NOW - 2 * S // 5,
        malformed=4,
        place=None,
        card=CardFact(
            card_id="4207733",
            generation="bd-ascii3",
            level=3,
            interval_s=60.0,
            capacity_bits=628,
            subordinate_count=2,
            at_ns=NOW - 30 * S,
        ),
        facts=tuple(Fact(key=k, value=v, unit="dBHz", index=i, at_ns=NOW - 3 * S) for k, i, v in beams),
        subordinates=("4204986", "4204990"),
        sends=("text", "receipt", "position"),
        next_send_ns=NOW + 18 * S,
        **changes,
    )


def camera(camera_id: str, name: str, state: CameraState = "live", **changes: object) -> Camera:
    """A camera whose last packet came a fifth of a second ago."""
    base = Camera(
        id=camera_id,
        name=name,
        url="rtsp://***@10.8.0.71/main",
        state=state,
        since_ns=NOW - 40 * MIN,
        is_connected=True,
        last_packet_ns=NOW - S // 5,
        reason=None,
        attempts=0,
        retry_at_ns=None,
        width_px=1280,
        height_px=720,
        codec="h264",
        rate_fps=25.0,
        rate_bps=1_900_000.0,
        is_recording=True,
        owner=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def history(*, base_ms: float, down_from: int | None = None, lossy: tuple[int, ...] = ()) -> tuple[BearerSample, ...]:
    """Thirty minutes in sixty slots."""
    samples = []
    for slot in range(60):
        at_ns = NOW - (60 - slot) * 30 * S
        if down_from is not None and slot >= down_from:
            samples.append(BearerSample(at_ns=at_ns, median_ms=None, low_ms=None, high_ms=None, loss_percent=100.0))
            continue
        median = base_ms * (1 + 0.15 * math.sin(slot / 2.3) + 0.08 * math.sin(slot * 1.9))
        loss = 8.0 if slot in lossy else 0.0
        samples.append(
            BearerSample(at_ns=at_ns, median_ms=median, low_ms=median * 0.8, high_ms=median * 1.35, loss_percent=loss)
        )
    return tuple(samples)


def bearer(bearer_id: str, name: str, rung: Rung, state: BearerState, **changes: object) -> Bearer:
    """A bearer judged a second ago."""
    base = Bearer(
        id=bearer_id,
        name=name,
        rung=rung,
        requires="",
        device_id=None,
        state=state,
        since_ns=NOW - 40 * MIN,
        reason=None,
        round_trip_ms=None,
        loss_percent=None,
        judged_ns=NOW - S,
        receipt_ns=None,
        is_in_use=False,
        level=None,
        next_send_ns=None,
        capacity_bits=None,
        history=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def bearers() -> tuple[Bearer, ...]:
    """Fibre and LTE cut, VSAT in use, 天通 weak, 北斗 up."""
    return (
        bearer(
            "fibre", "地面光纤", "primary", "down", requires="镇机房供电", since_ns=NOW - 45 * MIN, loss_percent=100.0,
            reason=Text(id="wire.reason.unreachable", args={"detail": "10.0.0.1"}), receipt_ns=NOW - 46 * MIN,
            history=history(base_ms=9, down_from=18, lossy=(16, 17)),
        ),
        bearer(
            "lte", "LTE 路由器", "alternate", "down", requires="基站供电", since_ns=NOW - 40 * MIN, loss_percent=100.0,
            history=history(base_ms=48, down_from=22), receipt_ns=NOW - 41 * MIN,
        ),
        bearer(
            "vsat", "VSAT 便携站", "contingency", "up", is_in_use=True, round_trip_ms=612.0, loss_percent=0.4,
            receipt_ns=NOW - S, history=history(base_ms=612, lossy=(7, 12, 30, 33, 50)),
            level=Fact(key="es-n0", value=9.4, unit="dB", index=None, at_ns=NOW - 2 * S),
            video_bps=412_000.0, video_budget_bps=512_000.0, video_hour_bytes=84_000_000,
            video_hour_budget_bytes=100_000_000, video_grade="sub",
        ),
        bearer(
            "tt", "天通终端", "emergency", "degraded", since_ns=NOW - 10 * MIN, round_trip_ms=1400.0,
            loss_percent=12.0, receipt_ns=NOW - 14 * MIN, history=history(base_ms=1400, lossy=(5, 9, 20, 21, 22, 40)),
            level=Fact(key="rsrp", value=-108.0, unit="dBm", index=None, at_ns=NOW - 4 * S),
        ),
        bearer(
            "bd", "北斗短报文", "emergency", "up", device_id="bd-1", next_send_ns=NOW + 18 * S, capacity_bits=628,
            receipt_ns=NOW - 20 * MIN,
        ),
    )  # fmt: skip


def message(message_id: str, text: str, state: MessageState, **changes: object) -> Message:
    """A text to the rear by BeiDou, five minutes old."""
    base = Message(
        id=message_id,
        is_outgoing=state != "received",
        device_id="bd-1",
        peer="4207700",
        peer_name="后方",
        text=text,
        state=state,
        reason=None,
        created_ns=NOW - 5 * MIN,
        submitted_ns=None if state == "queued" else NOW - 5 * MIN,
        sent_ns=NOW - 290 * S if state in {"sent", "confirmed"} else None,
        confirmed_ns=NOW - 4 * MIN if state == "confirmed" else None,
        source_time_ns=None,
        changed_ns=NOW - 4 * MIN,
        used=15,
        limit=44,
        unit="hanzi",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def messages() -> tuple[Message, ...]:
    """One of each state."""
    return (
        message("m1", "转移 126 人至镇中学，缺冲锋舟 2 艘", "received", peer="4204986", peer_name="观音寺镇综合队"),
        message("m2", "续报 3：双洎河观音寺段漫溢，已转移 126 人，桥断", "confirmed", used=32),
        message("m3", "由北环路绕行，15:00 前到镇中学", "sent", peer_name="民兵连", sent_ns=NOW - 6 * MIN),
        message("m4", "报在岗人数", "unknown", peer_name="梨河镇", reason=Text(id="message.reason.restart"), used=None),
        message("m5", "油料告急", "failed", reason=Text(id="refusal.too-long")),
        message("m6", "续报 4", "queued", used=3),
    )


def notice(number: int, text: str = "", **changes: object) -> Notice:
    """One line of the log; its text is shown as it is."""
    base = Notice(
        number=number,
        at_ns=NOW - (10_000 - number) * S,
        happened_ns=None,
        kind="device",
        subject_id="bd-1",
        text=Text(id=text or f"line {number}"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def pace(**changes: object) -> Pace:
    """VSAT carries since 13:53, seen by the commander; the fibre comes back by itself."""
    base = Pace(
        carrier_id="vsat", since_ns=NOW - 39 * MIN, way="automatic", number=3, is_on_reserve=True, execution="done",
        reserve_ns=NOW - 45 * MIN, acknowledged_by="新郑-指01", returns_to_id="fibre", execution_ns=NOW - 39 * MIN,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def picture(**changes: object) -> Picture:
    """The flood of 双洎河 at 14:32:07."""
    base = Picture(
        mode="drill",
        at_ns=NOW,
        records=10_000,
        incident=Incident(name="双洎河漫溢", post="现场指挥部", since_ns=NOW - 5 * 3600 * S),
        devices=(
            terminal(),
            device("gnss", "车载 GNSS"),
            device(
                "probe-lte", "LTE 探测", driver="probe", group="link", wire="ping:10.9.0.1?interval_s=1",
                state="down", since_ns=NOW - 40 * MIN, last_octets_ns=NOW - 28 * MIN, place=None, facts=(),
                last_understood_ns=NOW - 28 * MIN, attempts=12, retry_at_ns=NOW + 9 * S,
                reason=Text(id="wire.reason.missing", args={"detail": "/dev/ttyUSB3"}),
            ),
        ),
        teams=(),
        cameras=(
            camera("uav", "无人机一号 · 双洎河口"),
            camera("van", "4G 图传 02", state="delayed", last_packet_ns=NOW - S, rate_bps=640_000.0),
            camera("ptz", "观音寺桥球机", state="stalled", last_packet_ns=NOW - 27 * S, since_ns=NOW - 26 * S),
            camera(
                "hall", "市防指视频会议", "down", is_connected=False, last_packet_ns=None, codec=None, rate_fps=None,
                reason=Text(id="camera.reason.refused", args={"detail": "10.8.0.77"}), attempts=4, rate_bps=None,
                retry_at_ns=NOW + 8 * S, width_px=None, height_px=None, is_recording=False, owner="市防指",
            ),
        ),
        bearers=bearers(),
        alarms=(),
        messages=messages(),
        notices=(notice(9_999, "公网断"), notice(10_000, "后方回执")),
        contacts=(
            Contact(device_id="bd-1", recipient="4207700", name="后方", is_rear=True),
            Contact(device_id="bd-1", recipient="4204990", name="民兵连"),
        ),
        gaps=(),
        journal=JournalHealth(is_recorded=True, since_ns=NOW - 3600 * S, reason=None, lost=0),
        clock=ClockHealth(offset_ns=0, device_id="gnss", judged_ns=NOW - S, is_doubtful=False),
        own_device_id="gnss",
        pace=pace(),
        sound_silenced_until_ns=None,
        faults=0,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def verdict(*, is_good: bool | None) -> Verdict:
    """What a test found."""
    return Verdict(is_good=is_good, text=Text(id="device.verdict.sample"), at_ns=NOW - 2 * S)


@dataclass
class FakeDesk:
    """Answers at once, remembers what it was asked; holds as many log lines as asked for, without making them."""

    notices: int = 0
    records: int = 0
    now: int = NOW
    fails: bool = False
    orders: list[Order] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    watched: list[str | None] = field(default_factory=list)
    limit: TextLimit | None = field(
        default_factory=lambda: TextLimit(used=15, limit=44, unit="hanzi", is_sendable=True)
    )
    timeline: TimelinePage = field(
        default_factory=lambda: TimelinePage(from_ns=NOW - 3600 * S, to_ns=NOW, gaps=(), alarms=())
    )

    def now_ns(self) -> int:
        return self.now

    def submit(self, order: Order) -> None:
        self.orders.append(order)

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        self.requests.append(request)
        on_page(None if self.fails else self._answer(request))
        return lambda: None

    def watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:  # noqa: ARG002
        self.watched.append(device_id)

    def _answer(self, request: Request) -> Page | None:
        match request:
            case NoticesRequest():
                numbers = _page(self.notices, request.before, request.limit)
                return NoticesPage(
                    notices=tuple(notice(n) for n in numbers), has_more=bool(numbers) and numbers[-1] > 1
                )
            case RecordsRequest():
                numbers = _page(self.records, request.before, request.limit)
                lines = tuple(
                    RecordLine(seq=n, at_ns=NOW, kind=2, source="bd-1", peer="", payload=b"$BDPWI,%d\r\n" % n)
                    for n in numbers
                )
                return RecordsPage(lines=lines, has_more=bool(numbers) and numbers[-1] > 1)
            case MeasureRequest():
                return MeasurePage(device_id=request.device_id, text=request.text, limit=self.limit)
            case TimelineRequest():
                return self.timeline
            case _:
                return None


def _page(count: int, before: int | None, limit: int) -> list[int]:
    top = count if before is None else min(count, before - 1)
    return list(range(top, max(0, top - limit), -1))
