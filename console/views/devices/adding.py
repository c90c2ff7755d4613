"""The form by which a person confirms a find: what it is called, its account, its streams; tried, then added."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.bridge import Bridge
from console.picture import Text
from console.queries import (
    AddCameraRequest,
    AddDeviceRequest,
    AddedPage,
    FindingRequest,
    Found,
    Offer,
    OffersPage,
    OffersRequest,
    Page,
    TrialPage,
    TrialRequest,
    Trouble,
)
from console.views.devices.preview import Preview
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import Label
from console.views.widgets.panel import PanelHeader
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.understanding import word

_CAMERA = ("user", "password", "main", "sub", "url", "sub_url", "name", "id", "owner", "record")
_DEVICE = ("driver", "wire", "name", "id")
_LONGEST_LETTERS = 500


class AddForm(QWidget):
    """``closed`` when it is done with; ``added`` carries the id of what was added."""

    closed = Signal()
    added = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._found: Found | None = None
        self._lock: Trouble | None = None
        self._cancel: Callable[[], None] | None = None
        self._offers: tuple[Offer, ...] = ()
        self._tried: tuple[str, str, str] | None = None
        """Address, user and password that were tried last."""
        self._has_picture = False
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        texts = ("user", "password", "url", "sub_url", "name", "id", "owner", "wire")
        self.fields = {name: QLineEdit() for name in texts}
        for field in self.fields.values():
            field.setMaxLength(_LONGEST_LETTERS)
        self.fields["password"].setEchoMode(QLineEdit.EchoMode.Password)
        self.main, self.sub, self.driver = QComboBox(), QComboBox(), QComboBox()
        self.record = QCheckBox()
        self.labels = {name: Label(theme, size=Size.SMALL, tone="dim") for name in {*_CAMERA, *_DEVICE}}
        self.ask, self.test, self.add, self.leave = QPushButton(), QPushButton(), QPushButton(), QPushButton()
        self.add.setProperty("role", "primary")
        self.preview = Preview()
        self.said = Paragraph(theme, size=Size.BODY)
        self._build()
        self._connect()
        self.retranslate()
        self.restyle()

    def _build(self) -> None:
        self._grid = QGridLayout()
        cells = {
            "user": (0, 0),
            "password": (0, 1),
            "main": (1, 0),
            "sub": (1, 1),
            "url": (2, 0),
            "sub_url": (2, 1),
            "driver": (1, 0),
            "wire": (1, 1),
            "name": (3, 0),
            "id": (3, 1),
            "owner": (4, 0),
            "record": (4, 1),
        }
        for name, (row, column) in cells.items():
            self._grid.addWidget(self.labels[name], 2 * row, column)
            self._grid.addWidget(self._widget(name), 2 * row + 1, column)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self._buttons = QHBoxLayout()
        for button in (self.ask, self.test, self.add):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.leave)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.header)
        self._column.addLayout(self._grid)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self.said)
        self._column.addWidget(self.preview, 1)

    def _widget(self, name: str) -> QWidget:
        others: dict[str, QWidget] = {
            "main": self.main,
            "sub": self.sub,
            "driver": self.driver,
            "record": self.record,
        }
        return others.get(name) or self.fields[name]

    def _connect(self) -> None:
        self.ask.clicked.connect(self._ask)
        self.test.clicked.connect(self._try)
        self.add.clicked.connect(self._add)
        self.leave.clicked.connect(self.close_form)
        self.main.activated.connect(lambda: self.fields["url"].setText(self.main.currentData() or ""))
        self.sub.activated.connect(lambda: self.fields["sub_url"].setText(self.sub.currentData() or ""))
        for name in ("url", "user", "password"):
            self.fields[name].textChanged.connect(self._show_buttons)

    # ---- what is confirmed

    def show_find(self, one: Found) -> None:
        """Begin with this find."""
        self._withdraw()
        self._found, self._offers = one, ()
        for field in self.fields.values():
            field.clear()
        self.fields["name"].setText("" if one.name == "n/a" else one.name)
        self.fields["id"].setText(one.proposed_id)
        self.fields["url"].setText(one.url or "")
        self.fields["wire"].setText(one.wire or "")
        self.record.setChecked(True)
        self.driver.clear()
        for name in one.drivers:
            self.driver.addItem(word(self._speech, "devices.driver", name), name)
        self.said.say("", "soft")
        self._fill_offers()
        self.retranslate()

    def show_lock(self, lock: Trouble | None) -> None:
        """Why nothing can be added now, ``None``: it can."""
        if lock != self._lock:
            self._lock = lock
            if lock is not None:
                self._tell(lock, "warn")
            else:
                self.said.say("", "soft")
            self._show_buttons()

    def close_form(self) -> None:
        """Forget what was typed."""
        self._withdraw()
        self._found = None
        for field in self.fields.values():
            field.clear()
        self.closed.emit()

    def _withdraw(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel, self._tried, self._has_picture = None, None, False
        self.preview.show_image(None)

    # ---- asking, trying, adding

    def _query(self, request: FindingRequest, on_page: Callable[[Page | None], None], words: str) -> None:
        if self._cancel is not None or self._lock is not None:
            return

        def take(page: Page | None) -> None:
            self._cancel = None
            if page is None:
                self.said.say(self._speech.say("devices.add.failed"), "alarm")
            else:
                on_page(page)
            self._show_buttons()

        self.said.say(self._speech.say(words), "soft")
        self._cancel = _nothing
        cancel = self._bridge.query(request, take)
        if self._cancel is _nothing:
            self._cancel = cancel
        self._show_buttons()

    def _text(self, name: str) -> str:
        text = self.fields[name].text()
        return text if name == "password" else text.strip()

    def _ask(self) -> None:
        if self._found is not None and self._found.service is not None:
            account = self._text("user"), self._text("password")
            request = OffersRequest(service=self._found.service, user=account[0], password=account[1])
            self._query(request, self._take_offers, "devices.add.asking")

    def _take_offers(self, page: Page | None) -> None:
        if not isinstance(page, OffersPage):
            return
        if page.trouble is not None:
            self._tell(page.trouble)
            return
        self._offers = page.offers
        self.fields["url"].setText(page.offers[0].url)
        smaller = page.offers[-1] if len(page.offers) > 1 else None
        self.fields["sub_url"].setText(smaller.url if smaller else "")
        if not self._text("name"):
            self.fields["name"].setText(page.about)
        self._fill_offers()
        self.said.say(self._speech.say("devices.add.offers", about=page.about, count=len(page.offers)), "soft")
        self._show_rows()

    def _fill_offers(self) -> None:
        self.main.clear()
        self.sub.clear()
        self.sub.addItem(self._speech.say("devices.add.no_sub"), "")
        for offer in self._offers:
            for box in (self.main, self.sub):
                box.addItem(offer_words(offer), offer.url)
        for box, name in ((self.main, "url"), (self.sub, "sub_url")):
            box.setCurrentIndex(max(0, box.findData(self._text(name))))

    def _try(self) -> None:
        self._tried, self._has_picture = (self._text("url"), self._text("user"), self._text("password")), False
        self.preview.show_image(None)
        url, user, password = self._tried
        self._query(TrialRequest(url=url, user=user, password=password), self._take_trial, "devices.add.trying")

    def _take_trial(self, page: Page | None) -> None:
        if not isinstance(page, TrialPage):
            return
        if page.trouble is not None:
            self._tell(page.trouble)
            return
        self._has_picture = True
        size = "" if page.source_px is None else f"{page.source_px[0]}×{page.source_px[1]}"
        self.said.say(self._speech.say("devices.add.picture", codec=(page.codec or "").upper(), size=size), "text")
        self.preview.show_image(page)

    def _add(self) -> None:
        if self._found is None:
            return
        if self._found.is_camera:
            request: FindingRequest = AddCameraRequest(
                id=self._text("id"),
                name=self._text("name"),
                url=self._text("url"),
                sub_url=self._text("sub_url") or None,
                owner=self._text("owner") or None,
                is_recorded=self.record.isChecked(),
                user=self._text("user"),
                password=self._text("password"),
            )
        else:
            driver = str(self.driver.currentData() or "")
            request = AddDeviceRequest(
                id=self._text("id"), name=self._text("name"), driver=driver, wire=self._text("wire")
            )
        self._query(request, self._take_added, "devices.add.writing")

    def _take_added(self, page: Page | None) -> None:
        if not isinstance(page, AddedPage):
            return
        if page.troubles:
            words = "\n".join(self._sentence(trouble) for trouble in page.troubles)
            self.said.say(words, "alarm")
            return
        self.added.emit(page.id)
        self.close_form()

    def _sentence(self, trouble: Trouble) -> str:
        parts: list[Text] = [trouble.text, *([trouble.remedy] if trouble.remedy is not None else [])]
        return self._speech.say("devices.add.because").join(self._speech.tell(part) for part in parts)

    def _tell(self, trouble: Trouble, tone: str = "alarm") -> None:
        self.said.say(self._sentence(trouble), tone)

    # ---- what is seen

    def _show_rows(self) -> None:
        is_camera = self._found is not None and self._found.is_camera
        shown = set(_CAMERA if is_camera else _DEVICE)
        if not self._offers:
            shown -= {"main", "sub"}
        for name, label in self.labels.items():
            label.setVisible(name in shown)
            self._widget(name).setVisible(name in shown)
        self.preview.setVisible(is_camera)
        self._show_buttons()

    def _show_buttons(self) -> None:
        found, say = self._found, self._speech.say
        is_camera = found is not None and found.is_camera
        is_free = self._cancel is None and self._lock is None
        now = self._text("url"), self._text("user"), self._text("password")
        is_tried = self._tried == now and self._cancel is None
        self.ask.setVisible(found is not None and found.service is not None)
        self.test.setVisible(is_camera)
        self.ask.setEnabled(is_free)
        self.test.setEnabled(is_free and bool(now[0]))
        self.add.setEnabled(is_free and (is_tried or not is_camera))
        is_blind = is_camera and is_tried and not self._has_picture
        self.add.setText(say("devices.add.anyway") if is_blind else say("devices.add.add"))

    def retranslate(self) -> None:
        """Say everything anew."""
        say, found = self._speech.say, self._found
        for name, label in self.labels.items():
            label.say(say(f"devices.add.field.{name}"))
        self.record.setText(say("devices.add.record"))
        self.ask.setText(say("devices.add.ask"))
        self.test.setText(say("devices.add.try"))
        self.leave.setText(say("devices.cancel"))
        kind = "" if found is None else word(self._speech, "devices.find.kind", found.kind.strip("_").partition(".")[0])
        self.header.title.say(say("devices.add.title", kind=kind))
        self.header.note.say("" if found is None else found.detail)
        if self._lock is not None:
            self._tell(self._lock, "warn")
        self._show_rows()

    def restyle(self) -> None:
        """Measure and colour anew."""
        gap = self._theme.space(2)
        self.header.restyle()
        self.said.restyle()
        for label in self.labels.values():
            label.restyle()
        self._column.setContentsMargins(*(self._theme.space(4),) * 4)
        self._column.setSpacing(gap)
        self._grid.setHorizontalSpacing(self._theme.space(4))
        self._grid.setVerticalSpacing(self._theme.space(1))
        self._buttons.setSpacing(gap)


def offer_words(offer: Offer) -> str:
    """Name, codec, size and rate of a stream, as far as they are known."""
    size = f"{offer.width_px}×{offer.height_px}" if offer.width_px and offer.height_px else ""
    rate = f"{offer.rate_bps / 1e6:g} Mbit/s" if offer.rate_bps else ""
    return " · ".join(part for part in (offer.name, offer.codec or "", size, rate) if part)


def _nothing() -> None:
    """The answer is on its way."""
