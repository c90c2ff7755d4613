"""SNMP: ``snmp:host:161?profile=..&community=..`` (version 2c), or with ``user`` version 3.

Version 3: ``user``, ``auth`` (``sha``, ``sha224``, ``sha256``, ``sha384``, ``sha512``, ``md5``) with
``auth_password``, ``privacy`` (``aes``, ``aes192``, ``aes256``, ``des``) with ``privacy_password``, ``context``.
``index`` fills the profile's OIDs (an interface, a demodulator).  pysnmp works in a thread of its own: its first
message of version 3 takes 45 ms.  Nothing is ever set.

**Source:** RFC 3416, RFC 3414 (passwords of eight signs and more), RFC 3826; pysnmp 7.1 speaks them.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as snmp
from pysnmp.proto.error import ProtocolError

from devices.profiles import Profile
from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Reason, WireTrouble
from devices.transports.polled import Timed, Told, numeric_address, profile_of

AT_ONCE = 16
TEXT_OCTETS = 256
END_S = 2.0
_AUTH = {
    "sha": snmp.USM_AUTH_HMAC96_SHA,
    "sha224": snmp.USM_AUTH_HMAC128_SHA224,
    "sha256": snmp.USM_AUTH_HMAC192_SHA256,
    "sha384": snmp.USM_AUTH_HMAC256_SHA384,
    "sha512": snmp.USM_AUTH_HMAC384_SHA512,
    "md5": snmp.USM_AUTH_HMAC96_MD5,
}
_PRIVACY = {
    "aes": snmp.USM_PRIV_CFB128_AES,
    "aes192": snmp.USM_PRIV_CFB192_AES,
    "aes256": snmp.USM_PRIV_CFB256_AES,
    "des": snmp.USM_PRIV_CBC56_DES,
}
_MISSING = {
    "NoSuchObject": "no-such-object",
    "NoSuchInstance": "no-such-instance",
    "EndOfMibView": "end-of-view",
}
_NUMBERS = frozenset({"Integer", "Integer32", "Counter32", "Counter64", "Gauge32", "Unsigned32", "TimeTicks"})
_UNANSWERED = ("RequestTimedOut",)
_T = TypeVar("_T")
Row = tuple[str, str, Any, str | None]
"""OID, type, value, error."""


class _Thread:
    """An asyncio loop in a thread of its own; ``at_end`` is called there last."""

    def __init__(self, name: str, at_end: Callable[[], None]) -> None:
        self._name = name
        self._at_end = at_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._is_ending = False
        self._ended = threading.Event()

    async def start(self) -> None:
        """Return when it runs."""
        here = asyncio.get_running_loop()
        started: asyncio.Future[None] = here.create_future()

        def tell() -> None:
            if not started.done():
                started.set_result(None)

        threading.Thread(target=self._run, args=(here, tell), name=self._name, daemon=True).start()
        await started

    def _run(self, here: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
        try:
            asyncio.run(self._live(here, tell))
        finally:
            self._ended.set()

    async def _live(self, here: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(_pass_over)
        if self._is_ending:  # whoever started it went away meanwhile
            return
        if not here.is_closed():
            here.call_soon_threadsafe(tell)
        await self._stop.wait()
        self._at_end()

    async def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do it there, wait for it here."""
        assert self._loop is not None  # noqa: S101 - started before
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def stop(self) -> None:
        """End it; what is still under way there is cancelled."""
        self._is_ending = True
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._ended.wait, END_S)


def _pass_over(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """The library raises in its own callback where a stranger's octets are no message: then nobody has answered.

    Logged, it would quote the octets, and an echoed question holds the community.  Faults of ours do not come here:
    what is awaited raises where it is awaited.
    """


class SnmpAsker:
    """One agent.  An engine of its own: two agents may know the same user by other passwords."""

    def __init__(self, wire: Wire, clock_ns: Clock) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._timeout_s = wire.number("timeout_s", 2.0, 0.1, 60.0)
        self._index = int(wire.number("index", 1, 0, 2**31 - 1))
        self._profile_name = wire.options.get("profile", "if-mib")
        self._who: Any = None
        self._profile: Profile | None = None
        self._thread: _Thread | None = None
        self._engine: Any = None
        self._target: Any = None

    async def begin(self) -> Sequence[Told]:
        """Read the profile, find the address, make the engine."""
        self._profile = profile_of("snmp", self._profile_name, self._index)
        if not self._profile.items:
            raise OpenFailed("bad-url", f"profile={self._profile_name}: item")
        self._who = _credentials(self._wire)
        address = await numeric_address(self._wire, self._timeout_s)
        self._thread = _Thread(f"snmp {self._wire.what}", self._close)
        await self._thread.start()
        await self._thread.do(self._prepare(address))
        payload = {"profile": self._profile.table, "index": self._index}
        return (Timed(self._clock_ns).told("profile", payload=payload),)

    async def _prepare(self, address: str) -> None:
        self._engine = snmp.SnmpEngine()
        kind = snmp.Udp6TransportTarget if ":" in address else snmp.UdpTransportTarget
        self._target = await kind.create((address, self._wire.port), timeout=self._timeout_s, retries=1)

    async def ask(self) -> Sequence[Told]:
        """All items, sixteen a question."""
        assert self._profile is not None  # noqa: S101 - begun before
        assert self._thread is not None  # noqa: S101
        told: list[Told] = []
        oids = list(dict.fromkeys(item.key for item in self._profile.items))
        for at in range(0, len(oids), AT_ONCE):
            timed = Timed(self._clock_ns)
            rows = await self._thread.do(self._get(oids[at : at + AT_ONCE]))
            for oid, kind, value, error in rows:
                payload = {"type": kind, "value": value} if error is None else None
                told.append(timed.told(oid, kind="oid", payload=payload, error=error))
        return told

    async def _get(self, oids: Sequence[str]) -> list[Row]:
        """Ask; a question that the agent refuses as a whole is halved until the OID it minds stands alone."""
        things = [snmp.ObjectType(snmp.ObjectIdentity(oid)) for oid in oids]
        context = snmp.ContextData(contextName=self._wire.options.get("context", "").encode())
        try:
            trouble, status, _, bound = await snmp.get_cmd(
                self._engine, self._who, self._target, context, *things, lookupMib=False
            )
        except (PySnmpError, ProtocolError) as fault:
            raise WireTrouble("access", f"{self._wire.what} ({type(fault).__name__})") from None
        if trouble:
            reason = _reason(trouble)
            detail = "" if reason == "timeout" else f" ({type(trouble).__name__})"  # no answer has no more to say
            raise WireTrouble(reason, self._wire.what + detail)
        if int(status) and len(oids) > 1:
            half = len(oids) // 2
            return [*await self._get(oids[:half]), *await self._get(oids[half:])]
        if int(status):
            return [(oids[0], "", None, f"refused-{int(status)}")]
        return [_row(oid, pair) for oid, pair in zip(oids, bound, strict=False)]

    async def end(self) -> None:
        """Close the socket, end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.stop()

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.close_dispatcher()


def _reason(trouble: object) -> Reason:
    """Whoever does not answer, and who answers that he does not know us, are different troubles."""
    return "timeout" if type(trouble).__name__ in _UNANSWERED else "access"


def _row(asked: str, pair: Any) -> Row:  # noqa: ANN401 - of the library, which has no types
    oid, value = str(pair[0]), pair[1]
    kind = type(value).__name__
    if oid != asked:
        return asked, kind, None, "other-oid"
    if kind in _MISSING:
        return asked, kind, None, _MISSING[kind]
    if kind in _NUMBERS:
        return asked, kind, int(value), None
    return asked, kind, _text(value, kind), None


def _text(value: Any, kind: str) -> str:  # noqa: ANN401
    """Text where it is text, else its octets in hex; OIDs and addresses as they are written."""
    if kind not in {"OctetString", "Opaque", "Bits"}:
        return str(value.prettyPrint())[:TEXT_OCTETS]
    octets = bytes(value)[:TEXT_OCTETS]
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.hex()
    return text if text.rstrip("\0\r\n").isprintable() else octets.hex()


def _credentials(wire: Wire) -> Any:  # noqa: ANN401
    """Who we are.  Raises ``OpenFailed("bad-url")`` whose detail names the option, never what it holds."""
    options = wire.options
    user = options.get("user")
    if user is None:
        version2c = 1
        return snmp.CommunityData(options.get("community", "public"), mpModel=version2c)
    auth = wire.choice("auth", "sha", tuple(_AUTH))
    privacy = wire.choice("privacy", "aes", tuple(_PRIVACY))
    for name in ("auth_password", "privacy_password"):
        if 0 < len(options.get(name, "")) < 8:
            raise OpenFailed("bad-url", f"{name}= (< 8)")
    if "privacy_password" in options and "auth_password" not in options:
        raise OpenFailed("bad-url", "auth_password=")
    return snmp.UsmUserData(
        user,
        options.get("auth_password"),
        options.get("privacy_password"),
        authProtocol=_AUTH[auth] if "auth_password" in options else snmp.USM_AUTH_NONE,
        privProtocol=_PRIVACY[privacy] if "privacy_password" in options else snmp.USM_PRIV_NONE,
    )
