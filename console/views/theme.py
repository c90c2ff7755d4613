"""Colours, type, spacing and symbols: the one place where a colour or a size is written down.

Grey is normal; amber needs attention, red needs action, blue is ours, in use or selected.  One spacing unit of
4 px, one type scale (12, 13.5, 15, 17, 25 px), all multiplied by the scale the operator chose.  Icons are 24 px
drawings of 1.8 px strokes in ``resources/icons``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console.views.sheet import SHEET

SCALES = (1.0, 1.25, 1.5)
_ICONS = Path(__file__).resolve().parent.parent.parent / "resources" / "icons"
_MOST_WIDTHS = 512
_UNIT_PX = 4.0
_POINTS_PER_INCH = 72.0

CJK_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "HarmonyOS Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimHei",
)
MONO_FAMILIES = ("DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono", "Consolas", "Menlo")


class Size(Enum):
    """The type scale, in pixels at scale 1."""

    TINY = 12.0
    SMALL = 13.5
    BODY = 15.0
    STRONG = 17.0
    HUGE = 25.0


class Metric:
    """Named lengths, in pixels at scale 1; see ``Theme.px``."""

    STRIP_HEIGHT = 64.0
    NAVIGATION_WIDTH = 64.0
    INCIDENT_WIDTH = 330.0
    INCIDENT_WIDTH_COMPACT = 232.0
    INCIDENT_WIDTH_TIGHT = 186.0
    CLOCK_WIDTH = 228.0
    CLOCK_WIDTH_TIGHT = 170.0
    CUT_WIDTH = 236.0
    CUT_WIDTH_COMPACT = 166.0
    ALARM_BUTTON_WIDTH = 96.0
    BANNER_HEIGHT = 40.0
    NOTE_SECONDS = 3.0
    NOTE_SECONDS_A_CHARACTER = 0.08
    NAVIGATION_ENTRY = 66.0
    TEAMS_WIDTH = 328.0
    TEAMS_WIDTH_COMPACT = 304.0
    VIDEO_WIDTH = 520.0
    VIDEO_WIDTH_COMPACT = 300.0
    MARKS_WIDTH = 328.0
    MARKS_WIDTH_COMPACT = 288.0
    LOWER_HEIGHT = 268.0
    LOWER_HEIGHT_COMPACT = 240.0
    LOG_WIDTH = 560.0
    LOG_WIDTH_COMPACT = 420.0
    POWER_WIDTH = 312.0
    POWER_WIDTH_COMPACT = 236.0
    ROW_HEIGHT = 32.0
    ROW_HEIGHT_COMPACT = 28.0
    TEAM_ROW = 56.0
    HEADER_HEIGHT = 34.0
    CAPTION_HEIGHT = 28.0
    TOUCH = 44.0
    PLACE_STYLE_WIDTH = 88.0
    PLACE_COPY_WIDTH = 52.0
    PLACE_ALOUD_WIDTH = 70.0
    QUICK_WIDTH = 64.0
    FRAME = 5.0
    ICON = 24.0
    ARROW = 16.0
    LAMP = 8.0
    HAIRLINE = 1.0
    STROKE = 1.8
    STROKE_BOLD = 2.5
    SYMBOL_WIDTH = 30.0
    SYMBOL_HEIGHT = 22.0
    VEHICLE_WIDTH = 38.0
    VEHICLE_HEIGHT = 28.0
    ROAD_MAJOR = 4.0
    ROAD_MINOR = 2.0
    RIVER = 14.0
    HATCH = 10.0
    CORNER = 3.0
    ALARM_PANEL_WIDTH = 620.0
    MAP_PANEL_WIDTH = 560.0
    ALARM_PANEL_SHARE = 0.66
    COMPACT_BELOW_WIDTH = 1600.0
    COMPACT_BELOW_HEIGHT = 900.0
    SMALLEST_WIDTH = 1280.0
    SMALLEST_HEIGHT = 720.0
    DRAWN_WIDTH = 1920.0
    DRAWN_HEIGHT = 1080.0


def _colour(name: str) -> QColor:
    return QColor(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The named colours of one theme.  ``*_ground`` lies under text of the colour it is named after."""

    ground: QColor
    panel: QColor
    raised: QColor
    field: QColor
    line: QColor
    scroll: QColor
    row_line: QColor
    text: QColor
    soft: QColor
    dim: QColor
    faint: QColor
    own: QColor
    warn: QColor
    warn_ground: QColor
    alarm: QColor
    alarm_text: QColor
    alarm_ground: QColor
    alarm_button: QColor
    info: QColor
    info_ground: QColor
    lamp: QColor
    badge_ground: QColor
    drill: QColor
    replay: QColor
    button: QColor
    on_button: QColor
    tile: QColor
    on_tile: QColor
    veil: QColor
    veil_hatch: QColor
    veil_alarm: QColor
    veil_warn: QColor
    map_ground: QColor
    map_line: QColor
    map_road: QColor
    map_road_minor: QColor
    map_river: QColor
    map_river_edge: QColor
    map_name: QColor
    map_river_name: QColor
    map_box: QColor
    map_dim: QColor


NIGHT = Palette(
    ground=_colour("#0e1317"),
    panel=_colour("#151c22"),
    raised=_colour("#1a232a"),
    field=_colour("#0e1317"),
    line=_colour("#28343d"),
    scroll=_colour("#45545f"),
    row_line=_colour("#1f2a31"),
    text=_colour("#d9e2e8"),
    soft=_colour("#a9b8c3"),
    dim=_colour("#8f9fab"),
    faint=_colour("#74858f"),
    own=_colour("#e8f1f5"),
    warn=_colour("#e3a21a"),
    warn_ground=_colour("#262015"),
    alarm=_colour("#f16061"),
    alarm_text=_colour("#ffb1b1"),
    alarm_ground=_colour("#2a1a1c"),
    alarm_button=_colour("#c92f33"),
    info=_colour("#5aa9ff"),
    info_ground=_colour("#10222e"),
    lamp=_colour("#7fa69a"),
    badge_ground=_colour("#20313a"),
    drill=_colour("#b98bff"),
    replay=_colour("#4fc3c7"),
    button=_colour("#2c5f96"),
    on_button=_colour("#ffffff"),
    tile=_colour("#06090b"),
    on_tile=_colour("#d9e2e8"),
    veil=_colour("#c0000000"),
    veil_hatch=_colour("#40606a70"),
    veil_alarm=_colour("#ff7475"),
    veil_warn=_colour("#f0b63a"),
    map_ground=_colour("#11191e"),
    map_line=_colour("#1c2830"),
    map_road=_colour("#3a4750"),
    map_road_minor=_colour("#2b363e"),
    map_river=_colour("#1c3546"),
    map_river_edge=_colour("#27475c"),
    map_name=_colour("#7d8e99"),
    map_river_name=_colour("#5d8aa6"),
    map_box=_colour("#e00e1317"),
    map_dim=_colour("#90000000"),
)

DAY = Palette(
    ground=_colour("#cfd6db"),
    panel=_colour("#f6f8f9"),
    raised=_colour("#e7ecef"),
    field=_colour("#ffffff"),
    line=_colour("#bcc6cd"),
    scroll=_colour("#9aa7b0"),
    row_line=_colour("#dce2e6"),
    text=_colour("#11181d"),
    soft=_colour("#33414b"),
    dim=_colour("#475661"),
    faint=_colour("#5f6e79"),
    own=_colour("#11181d"),
    warn=_colour("#8a5200"),
    warn_ground=_colour("#fbf0d6"),
    alarm=_colour("#b5121b"),
    alarm_text=_colour("#8f0d15"),
    alarm_ground=_colour("#fbe2e2"),
    alarm_button=_colour("#b5121b"),
    info=_colour("#0b5cad"),
    info_ground=_colour("#dcebf9"),
    lamp=_colour("#3f7263"),
    badge_ground=_colour("#d5e2ea"),
    drill=_colour("#6a2fc4"),
    replay=_colour("#006d72"),
    button=_colour("#1c5fa8"),
    on_button=_colour("#ffffff"),
    tile=_colour("#0b0f12"),
    on_tile=_colour("#eef3f6"),
    veil=_colour("#c0000000"),
    veil_hatch=_colour("#40606a70"),
    veil_alarm=_colour("#ff8586"),
    veil_warn=_colour("#f0b63a"),
    map_ground=_colour("#eef1f2"),
    map_line=_colour("#d5dcdf"),
    map_road=_colour("#aeb8be"),
    map_road_minor=_colour("#c8d0d5"),
    map_river=_colour("#bcd6e8"),
    map_river_edge=_colour("#93b7d0"),
    map_name=_colour("#4f5f6a"),
    map_river_name=_colour("#2f6588"),
    map_box=_colour("#ecf6f8f9"),
    map_dim=_colour("#00000000"),
)


@cache
def _families() -> tuple[tuple[str, ...], bool]:
    """The families to draw with, best first, and whether one of them has Chinese."""
    present = set(QFontDatabase.families())
    wanted = [name for name in CJK_FAMILIES if name in present]
    if not wanted:
        wanted = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)[:1]
    return (*wanted, "sans-serif"), bool(wanted)


@cache
def _mono_family() -> str:
    present = set(QFontDatabase.families())
    return next((name for name in MONO_FAMILIES if name in present), "monospace")


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    source = (_ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(source.encode()))


def has_chinese_font() -> bool:
    """Whether any installed font can write Chinese."""
    return _families()[1]


class Theme:
    """The palette and scale in force.  Whoever changes them calls ``restyle()`` on what is drawn."""

    def __init__(self, *, is_night: bool = True, scale: float = 1.0) -> None:
        self.is_night = is_night
        self.scale = scale
        self._fonts: dict[tuple[Size, float, bool, bool, bool], QFont] = {}
        self._metrics: dict[tuple[Size, float, bool], QFontMetricsF] = {}
        self._widths: dict[tuple[str, Size, float], float] = {}

    @property
    def palette(self) -> Palette:
        """The colours in force."""
        return NIGHT if self.is_night else DAY

    def px(self, length_px: float) -> int:
        """A length (see ``Metric``) at the scale in force, at least 1."""
        return max(1, round(length_px * self.scale))

    def space(self, units: float = 1.0) -> int:
        """``units`` times the spacing unit of 4 px."""
        return round(units * _UNIT_PX * self.scale)

    def font(self, size: Size, *, is_bold: bool = False, is_mono: bool = False, is_struck: bool = False) -> QFont:
        """A font of the type scale with tabular figures.  Fonts are shared: copy one before changing it."""
        key = (size, self.scale, is_bold, is_mono, is_struck)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = self._make_font(size, is_bold=is_bold, is_mono=is_mono, is_struck=is_struck)
        return font

    def _make_font(self, size: Size, *, is_bold: bool, is_mono: bool, is_struck: bool) -> QFont:
        font = QFont()
        font.setFamilies([_mono_family(), *_families()[0]] if is_mono else list(_families()[0]))
        screen = QGuiApplication.primaryScreen()
        per_inch = screen.logicalDotsPerInch() if screen else 96.0
        font.setPointSizeF(size.value * self.scale * _POINTS_PER_INCH / per_inch)
        font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        font.setStrikeOut(is_struck)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def metrics(self, size: Size, *, is_bold: bool = False) -> QFontMetricsF:
        """Measures of ``font``."""
        key = (size, self.scale, is_bold)
        metrics = self._metrics.get(key)
        if metrics is None:
            metrics = self._metrics[key] = QFontMetricsF(self.font(size, is_bold=is_bold))
        return metrics

    def width(self, text: str, size: Size) -> float:
        """How wide this line is written; the same ones are asked for at every painting."""
        key = (text, size, self.scale)
        width = self._widths.get(key)
        if width is None:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[key] = self.metrics(size).horizontalAdvance(text)
        return width

    def pen(
        self, colour: QColor, width_px: float = Metric.HAIRLINE, style: Qt.PenStyle = Qt.PenStyle.SolidLine
    ) -> QPen:
        """A pen of the scale in force."""
        return QPen(colour, width_px * self.scale, style)

    def paint_icon(self, painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
        """Draw the icon ``name`` of ``resources/icons`` into ``rect``."""
        _drawing(name, colour.name()).render(painter, rect)

    def icon(self, name: str, colour: QColor) -> QIcon:
        """The icon ``name`` for a button."""
        side = self.px(Metric.ICON) * 2
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint_icon(painter, name, QRectF(0, 0, side, side), colour)
        painter.end()
        return QIcon(pixmap)

    def points(self, size: Size) -> str:
        """A type size for a style sheet."""
        screen = QGuiApplication.primaryScreen()
        per_inch = screen.logicalDotsPerInch() if screen else 96.0
        return f"{size.value * self.scale * _POINTS_PER_INCH / per_inch:.2f}pt"

    def style_sheet(self) -> str:
        """The style of ordinary controls: buttons, fields, lists, tables, scroll bars, menus.

        ``QPushButton[role="primary"]`` is the one main action, ``role="alarm"`` the alarm button, ``role="flat"`` a
        quiet one; ``QWidget[role="panel"]`` and ``role="raised"`` are grounds.
        """
        names = {name: getattr(self.palette, name).name() for name in Palette.__slots__}
        drop = (_ICONS / f"drop-{'night' if self.is_night else 'day'}.svg").as_posix()
        tick = (_ICONS / "tick.svg").as_posix()
        families = ", ".join(f'"{name}"' for name in _families()[0])
        lengths = {
            "corner": self.px(Metric.CORNER),
            "touch": self.px(Metric.TOUCH) - 2,
            "bare": self.px(Metric.TOUCH),
            "gap": self.space(2),
            "wide": self.space(3),
            "bar": self.space(2.5),
            "row": self.px(Metric.ROW_HEIGHT),
            "arrow": self.px(Metric.ARROW),
            "box": self.px(Metric.ICON) - 2,
        }
        fonts = {"body": self.points(Size.BODY), "small": self.points(Size.SMALL), "tiny": self.points(Size.TINY)}
        return SHEET % {**names, **lengths, **fonts, "families": families, "drop": drop, "tick": tick}
