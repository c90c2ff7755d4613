# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The list on the left: devices by group, each with its lamp, its wire and the age of its last byte."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.bridge import Bridge
from console.picture import Device, Picture, Text
from console.views.devices.describe import age_words, grouped, has_trouble, reason_words, unjudged, wire_words
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.unwatched import Unwatched, unwatched, unwatched_word
from console.views.widgets.label import RIGHT, SEPARATOR, draw_text
from console.views.widgets.panel import PanelHeader
from console.views.widgets.tile import draw_lamp
from console.views.widgets.understanding import word

_DEVICE, _GROUP = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ROW_HEIGHT_PX = 58.0
_AGE_WIDTH_PX = 96.0


class DeviceList(QWidget):
    """``chosen`` carries a device id."""

    chosen = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge, self.theme, self.speech = bridge, theme, speech
        self.devices: dict[str, Device] = {}
        self.troubled: set[str] = set()
        self.unjudged: dict[str, Text | None] = {}
        self.unwatched: Mapping[str, Unwatched] = {}
        self._order: list[tuple[str, str]] = []
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        self.list = QListWidget()
        self.list.setItemDelegate(_Painter(self))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.list, 1)

    @property
    def current(self) -> str | None:
        """The chosen device's id."""
        item = self.list.currentItem()
        device_id: str | None = item.data(_DEVICE) if item is not None else None
        return device_id

    def choose(self, device_id: str) -> None:
        """Select this device."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_DEVICE) == device_id:
                self.list.setCurrentRow(row)

    def show_picture(self, picture: Picture) -> None:
        """Draw these devices; the list is made anew only when there are others."""
        self.devices = {device.id: device for device in picture.devices}
        self.unjudged = unjudged(picture)
        self.unwatched = unwatched(picture)
        self.troubled = {device.id for device in picture.devices if has_trouble(device, picture)}
        order = [(group, device.id) for group, members in grouped(picture.devices) for device in members]
        if order != self._order:
            self._fill(order)
        count, bad = len(self.devices), len(self.troubled)
        self.header.title.say(self.speech.say("devices.title"))
        self.header.note.say(self.speech.say("devices.count", count=count, bad=bad))
        self.list.viewport().update()

    def _fill(self, order: list[tuple[str, str]]) -> None:
        was = self.current
        self._order = order
        self.list.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.list.clear()
        shown: str | None = None
        for group, device_id in order:
            if group != shown:
                shown = group
                title = QListWidgetItem()
                title.setData(_GROUP, group)
                title.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(title)
            item = QListWidgetItem()
            item.setData(_DEVICE, device_id)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self.devices[device_id].name)
            self.list.addItem(item)
        self.list.blockSignals(False)  # noqa: FBT003 - Qt's signature
        if order:
            self.choose(was if was in self.devices else order[0][1])

    def _choose(self, current: QListWidgetItem | None) -> None:
        if current is not None and current.data(_DEVICE):
            self.chosen.emit(current.data(_DEVICE))

    def refresh(self) -> None:
        """Draw the ages anew."""
        self.list.viewport().update()

    def restyle(self) -> None:
        """Measure anew."""
        self.header.restyle()
        self.list.doItemsLayout()

    def words(self, device_id: str) -> tuple[str, str, str, str]:
        """What the row of this device says now: name, second line, age, and the tone of the two latter."""
        device, now_ns = self.devices[device_id], self.bridge.now_ns()
        below = reason_words(device, self.speech, now_ns) if device.state in ("down", "disabled") else ""
        below = self.speech.tell(self.unjudged.get(device_id)) or below
        is_dim = device.state == "disabled" or device_id in self.unjudged
        tone = "alarm" if device_id in self.troubled else "dim" if is_dim else "soft"
        below = below or wire_words(device.wire, self.speech)
        if device_id not in self.unjudged and (why := self.unwatched.get(device_id)) is not None:
            below, tone = SEPARATOR.join((unwatched_word(why, self.speech), below)), "warn"
        return device.name, below, age_words(device, self.speech, now_ns), tone


class _Painter(QStyledItemDelegate):
    def __init__(self, owner: DeviceList) -> None:
        super().__init__(owner)
        self._owner = owner

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002
        """Groups are lower than devices."""
        theme = self._owner.theme
        height = theme.px(_ROW_HEIGHT_PX if index.data(_DEVICE) else Metric.HEADER_HEIGHT)
        return QSize(theme.space(4), height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """A group's title, or a device."""
        painter.save()
        theme = self._owner.theme
        rect = QRectF(option.rect)
        inner = rect.adjusted(theme.space(4), 0, -theme.space(4), 0)
        device_id = index.data(_DEVICE)
        if device_id in self._owner.devices:
            is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_device(painter, rect, inner, device_id, is_chosen=is_chosen)
        elif not device_id:
            painter.setFont(theme.font(Size.SMALL, is_bold=True))
            draw_text(painter, inner, word(self._owner.speech, "devices.group", index.data(_GROUP)), theme.palette.dim)
        painter.restore()

    def _paint_device(self, painter: QPainter, rect: QRectF, inner: QRectF, device_id: str, *, is_chosen: bool) -> None:
        theme, palette = self._owner.theme, self._owner.theme.palette
        name, below, age, tone = self._owner.words(device_id)
        if is_chosen:
            painter.fillRect(rect, palette.raised)
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.px(Metric.CORNER), rect.height()), palette.info)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.topLeft(), rect.topRight())
        lamp = theme.px(Metric.LAMP)
        is_good: bool | None = device_id not in self._owner.troubled and self._owner.devices[device_id].state == "up"
        if is_good and device_id in self._owner.unwatched:
            # Nobody would hear of it: no lamp says that it is well.
            is_good = None
        draw_lamp(painter, QPointF(inner.left() + lamp / 2, inner.center().y()), theme, is_good=is_good)
        left = inner.left() + lamp + theme.space(3)
        width = theme.px(_AGE_WIDTH_PX)
        text = QRectF(left, inner.top() + theme.space(1.5), inner.right() - width - left, inner.height() / 2)
        colour = getattr(palette, tone)
        painter.setFont(theme.font(Size.BODY, is_bold=True))
        draw_text(painter, text, name, palette.text)
        painter.setFont(theme.font(Size.SMALL))
        below_rect = QRectF(left, inner.center().y(), inner.right() - left, inner.height() / 2 - theme.space(1.5))
        draw_text(painter, below_rect, below, colour)
        painter.setFont(theme.font(Size.BODY))
        age_colour = palette.text if tone == "soft" else colour
        age_rect = QRectF(inner.right() - width, text.top(), width, text.height())
        draw_text(painter, age_rect, age, age_colour, align=RIGHT)
