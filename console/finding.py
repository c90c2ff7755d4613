"""What could be connected, and how a person's confirmation becomes a configured camera or device.

Looking, asking and writing run in threads of their own, not in the engine's; a trial has its own processes.  Passwords
pass through here from the form to the camera and to the configuration file: into no record, log or error.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from console.configuration.adding import NewCamera, NewDevice, add, with_account
from console.configuration.faults import ConfigurationFaults
from console.configuration.model import CameraConfiguration, Configuration, DeviceConfiguration, without_secrets
from console.configuration.wires import Finding, camera_finding, told
from console.picture import Text, Value
from console.queries import (
    AddCameraRequest,
    AddDeviceRequest,
    AddedPage,
    FindingRequest,
    FindPage,
    FindRequest,
    Found,
    Offer,
    OffersPage,
    OffersRequest,
    Page,
    TrialPage,
    TrialRequest,
    Trouble,
)
from console.records import Kind, pack
from console.runtime import Runtime
from console.trial import try_camera
from console.trouble import OperatorError
from devices.catalogue import entries
from devices.transports.address import written
from devices.transports.discovery import (
    SerialCandidate,
    ServiceCandidate,
    announced_services,
    serial_candidates,
    wire_of,
)
from devices.transports.onvif import OnvifTrouble, ask_camera
from devices.transports.wsdiscovery import CameraCandidate, probe_cameras

Answer = Callable[[Page | None], None]

_CAMERA_SERVICES = {"_rtsp._tcp.local.", "_axis-video._tcp.local.", "_psia._tcp.local."}
_SERVICE_DRIVERS = {"_gpsd._tcp.local.": ("gpsd",), "_nmea-0183._tcp.local.": ("nmea0183",)}
_SERIAL_BAUD = "9600"


class Finder:
    """Answers the requests of the find panel.  ``file``: where confirmed finds are written; ``None``: nowhere."""

    def __init__(self, runtime: Runtime, file: Path | None) -> None:
        self._runtime = runtime
        self._file = file
        self._working = ThreadPoolExecutor(2, thread_name_prefix="finder")

    def close(self) -> None:
        """Stop answering."""
        self._working.shutdown(wait=False, cancel_futures=True)

    def ask(self, request: FindingRequest, on_page: Answer) -> Callable[[], None]:
        """Answer later, ``None`` if it could not be answered; calling the result cancels what can be."""
        match request:
            case TrialRequest():
                return self._try(request, on_page)
            case FindRequest():
                work: Callable[[], Page] = partial(self._find, request)
            case OffersRequest():
                work = partial(self._offers, request)
            case AddCameraRequest() | AddDeviceRequest():
                work = partial(self._add, request)
        future = self._working.submit(work)
        future.add_done_callback(partial(self._answer, on_page))

        def cancel() -> None:
            future.cancel()

        return cancel

    def _answer(self, on_page: Answer, done: Future[Page]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        on_page(None if error is not None else done.result())
        if error is not None and not isinstance(error, OSError):  # without a network there is nothing to look on
            self._tell_fault(error)

    def _tell_fault(self, error: BaseException) -> None:
        """We were wrong.  The places only: the words of an error may hold what was typed."""
        text = f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
        payload = pack({"where": "console", "traceback": text})
        self._runtime.call(lambda: self._runtime.put(Kind.FAULT, "console", payload))

    # ---- what is there

    def _find(self, request: FindRequest) -> FindPage:
        async def announced() -> tuple[ServiceCandidate, ...]:
            with contextlib.suppress(OSError):  # without a network there are still serial ports
                return await announced_services(request.for_s)
            return ()

        async def look() -> tuple[
            tuple[SerialCandidate, ...], tuple[ServiceCandidate, ...], tuple[CameraCandidate, ...]
        ]:
            return await asyncio.gather(serial_candidates(), announced(), probe_cameras(request.for_s))

        ports, services, cameras = asyncio.run(look())
        return FindPage(found=suggestions(self._runtime.configuration, ports, services, cameras))

    def _offers(self, request: OffersRequest) -> OffersPage:
        try:
            camera = asyncio.run(
                ask_camera(request.service, request.user, request.password, utc_ns=self._runtime.now_ns)
            )
        except OnvifTrouble as trouble:
            args: dict[str, Value] = {"detail": trouble.detail[:200]}
            return OffersPage(
                trouble=Trouble(
                    text=Text(id=f"finding.camera.{trouble.reason}", args=args),
                    remedy=Text(id=f"finding.camera_remedy.{trouble.reason}"),
                )
            )
        about = " ".join(word for word in (camera.maker, camera.model, camera.firmware) if word)
        offers = tuple(
            Offer(
                name=one.name,
                url=one.url,
                codec=one.codec,
                width_px=one.width_px,
                height_px=one.height_px,
                rate_fps=one.rate_fps,
                rate_bps=one.rate_bps,
            )
            for one in camera.streams
        )
        return OffersPage(about=about, offers=offers)

    # ---- does a picture come

    def _try(self, request: TrialRequest, on_page: Answer) -> Callable[[], None]:
        finding = camera_finding(request.url)
        if finding is not None:
            on_page(TrialPage(trouble=_ill_formed(finding)))
            return lambda: None
        url = with_account(request.url, request.user, request.password)
        withdrawn = asyncio.Event()

        async def run() -> None:
            trial = asyncio.ensure_future(try_camera(url, self._runtime.now_ns))
            leaving = asyncio.ensure_future(withdrawn.wait())
            try:
                await asyncio.wait({trial, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if trial.done():
                    error = trial.exception()
                    on_page(None if error is not None else trial.result())
                    if error is not None:
                        self._tell_fault(error)
            finally:
                for one in (trial, leaving):
                    one.cancel()
                await asyncio.gather(trial, leaving, return_exceptions=True)

        self._runtime.spawn(run)
        return lambda: self._runtime.call(withdrawn.set)

    # ---- confirmed

    def _add(self, request: AddCameraRequest | AddDeviceRequest) -> AddedPage:
        runtime = self._runtime
        if self._file is None or runtime.configuration.mode != "live":
            return _refused(request.id, OperatorError(Text(id="adding.drill"), Text(id="adding.drill_remedy")))
        urls = (request.url, request.sub_url) if isinstance(request, AddCameraRequest) else ()
        for finding in filter(None, (camera_finding(url) for url in urls if url)):
            return AddedPage(id=request.id, troubles=(_ill_formed(finding),))
        try:
            made = add(self._file, _addition(request))
        except ConfigurationFaults as faults:
            faulty = tuple(Trouble(text=one.reason, remedy=one.remedy) for one in faults.faults[:8])
            return AddedPage(id=request.id, troubles=faulty)
        except OperatorError as trouble:
            return _refused(request.id, trouble)
        runtime.call(lambda: _take_in(runtime, made))
        return AddedPage(id=request.id, file=str(self._file))


def _take_in(runtime: Runtime, new: CameraConfiguration | DeviceConfiguration) -> None:
    """One more camera or device runs from now on.  Engine's thread only."""
    runtime.configuration = runtime.configuration.with_added(new)
    configured = msgspec.to_builtins(without_secrets(runtime.configuration))
    runtime.put(Kind.CONFIGURATION, "console", pack({"configuration": configured, "added": new.id}))
    if isinstance(new, DeviceConfiguration):
        runtime.open_wire(new)
    elif runtime.cameras is not None:
        runtime.allotment.revise()  # what it may take of its bearer, before it opens
        runtime.cameras.start(new)


def _ill_formed(finding: Finding) -> Trouble:
    text, remedy = told(finding)
    return Trouble(text=text, remedy=remedy)


def _refused(identity: str, trouble: OperatorError) -> AddedPage:
    return AddedPage(id=identity, troubles=(Trouble(text=trouble.text, remedy=trouble.remedy),))


def _addition(request: AddCameraRequest | AddDeviceRequest) -> NewCamera | NewDevice:
    if isinstance(request, AddDeviceRequest):
        return NewDevice(id=request.id, name=request.name, driver=request.driver, wire=request.wire)
    sub_url = request.sub_url
    return NewCamera(
        id=request.id,
        name=request.name,
        url=with_account(request.url, request.user, request.password),
        sub_url=with_account(sub_url, request.user, request.password) if sub_url else None,
        owner=request.owner,
        is_recorded=request.is_recorded,
    )


# ---- suggestions


def suggestions(
    configuration: Configuration,
    ports: Iterable[SerialCandidate],
    services: Iterable[ServiceCandidate],
    cameras: Iterable[CameraCandidate],
) -> tuple[Found, ...]:
    """What was found, cameras first; each with an id that is free in the configuration and among the suggestions."""
    known = _Known(configuration)
    found = [known.camera(one) for one in cameras]
    probed = {urlsplit(one.service or "").hostname for one in found}
    # A camera that answered the probe says more than its announcement.
    found += [
        known.service(one) for one in services if one.kind not in _CAMERA_SERVICES or not probed & set(one.addresses)
    ]
    found += [known.port(one) for one in ports]
    return tuple(sorted(found, key=lambda one: not one.is_camera))


class _Known:
    """What is configured, for saying what of the finds is new."""

    def __init__(self, configuration: Configuration) -> None:
        everything = (configuration.devices, configuration.cameras, configuration.teams, configuration.bearers)
        self._ids = {one.id.casefold() for kind in everything for one in kind} | {"console"}
        self._wires = {device.wire.partition("?")[0] for device in configuration.devices}
        self._hosts = {urlsplit(camera.url).hostname for camera in configuration.cameras}

    def _free(self, start: str, end: str) -> str:
        word = re.sub(r"[^A-Za-z0-9]+", "-", end).strip("-").lower()[:24]
        proposed = first = f"{start}-{word}" if word else start
        number = 1
        while proposed.casefold() in self._ids:
            number += 1
            proposed = f"{first}-{number}"
        self._ids.add(proposed.casefold())
        return proposed

    def camera(self, one: CameraCandidate) -> Found:
        host = urlsplit(one.service).hostname or one.host
        return Found(
            kind="onvif",
            name=one.name or one.hardware,
            wire=None,
            detail=" · ".join(word for word in (host, one.hardware if one.name else "") if word),
            is_configured=host in self._hosts,
            service=one.service,
            proposed_id=self._free("cam", host.rpartition(".")[2]),
        )

    def service(self, one: ServiceCandidate) -> Found:
        wire, where = wire_of(one), ", ".join(one.addresses) or one.host
        is_camera = one.kind in _CAMERA_SERVICES and bool(one.addresses)
        address = one.addresses[0] if one.addresses else ""
        is_configured = address in self._hosts if is_camera else wire is not None and wire in self._wires
        return Found(
            kind=one.kind,
            name=one.name,
            wire=None if is_camera else wire,
            detail=f"{where}:{one.port}",
            is_configured=is_configured,
            # These are web services; such cameras speak ONVIF too, at the usual place.
            service=f"http://{written(address, one.port)}/onvif/device_service"
            if is_camera and one.kind != "_rtsp._tcp.local."
            else None,
            url=_announced_url(one) if is_camera else None,
            drivers=() if is_camera else _SERVICE_DRIVERS.get(one.kind, ()),
            proposed_id=self._free(
                "cam" if is_camera else "dev", address.rpartition(".")[2] if is_camera else one.name
            ),
        )

    def port(self, one: SerialCandidate) -> Found:
        wire = one.wire.partition("?")[0]
        drivers = tuple(name for name, entry in entries().items() if "serial" in entry.transports)
        return Found(
            kind="serial",
            name=one.description or one.path,
            wire=f"{wire}?baud={_SERIAL_BAUD}",
            detail=one.identity or one.path,
            is_configured=wire in self._wires or f"serial:{one.path}" in self._wires,
            drivers=drivers,
            proposed_id=self._free("dev", one.path.rpartition("/")[2]),
        )


def _announced_url(one: ServiceCandidate) -> str:
    """Where its picture may be: an announcement names at most a path, and a person can mend it."""
    if one.kind != "_rtsp._tcp.local.":
        return f"rtsp://{one.addresses[0]}/"
    path = dict(one.properties).get("path", "").lstrip("/")
    usable = path if path.isascii() and path.isprintable() and " " not in path else ""
    return f"rtsp://{written(one.addresses[0], one.port)}/{usable}"
