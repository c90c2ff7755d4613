"""The simulated agent on a real wire, asked by the sampler, whose library is somebody else's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from devices.catalogue import make_simulator
from devices.driver import Simulator
from devices.drivers.snmp import Snmp
from devices.observations import Condition, Malformed, Signal
from devices.simulators.snmp_agent import answer
from devices.transports import transport_for
from devices.transports.contract import OpenFailed
from devices.transports.hosting import host
from tests.devices.transports.ear import Ear, until

v2c: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
VALUES = {
    "1.3.6.1.2.1.1.3.0": ("TimeTicks", 500),
    "1.3.6.1.2.1.1.10.0": ("OctetString", "later"),
    "1.3.6.1.2.1.2.2.1.8.1": ("Integer32", 1),
}


def question(kind: str, *oids: str, community: str = "public", version: int = 1) -> bytes:
    pdu = getattr(v2c, kind)()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.Null("")) for oid in oids])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_version(message, version)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def answered(packet: bytes) -> tuple[int, list[tuple[str, str, str]]]:
    """The error and what is bound: OID, type, text."""
    octets = answer(packet, "public", VALUES)
    assert octets is not None
    message, rest = decoder.decode(octets, asn1Spec=v2c.Message())
    assert not rest
    pdu = v2c.apiMessage.get_pdu(message)
    bound = [(str(oid), type(value).__name__, value.prettyPrint()) for oid, value in v2c.apiPDU.get_varbinds(pdu)]
    return int(v2c.apiPDU.get_error_status(pdu)), bound


def agent(clock_ns: Callable[[], int] = lambda: 0, **settings: Any) -> tuple[Simulator, Callable[[], int]]:
    made = make_simulator("snmp", settings, random.Random(4).random)
    assert made is not None
    return made, clock_ns


async def beside(settings: dict[str, Any], use: Any) -> Any:
    """Use the wire of an agent whose clock runs twenty seconds in each real one."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    ready: asyncio.Future[str] = loop.create_future()
    simulator, clock_ns = agent(lambda: round((loop.time() - began_s) * 20e9), **settings)
    playing = loop.create_task(host(simulator, "snmp:127.0.0.1:0", on_ready=ready.set_result, clock_ns=clock_ns))
    try:
        return await use(await ready, clock_ns)
    finally:
        playing.cancel()
        await asyncio.wait({playing})


def test_the_sampler_reads_the_interface_its_state_and_its_rate_from_real_octets() -> None:
    async def use(wire: str, clock_ns: Any) -> list[Any]:
        ear, driver = Ear(), Snmp({})
        seen: list[Any] = []
        transport = transport_for(f"{wire}?index=3&interval_s=0.1&timeout_s=2", "datagram", clock_ns)
        await transport.open(ear)
        await until(lambda: len(ear.heard) >= 28)
        await transport.close()
        for line, _ in ear.heard:
            seen += driver.receive(line, 0)
        return seen

    seen = asyncio.run(beside({"index": 3, "interface": "Gi0/24", "rate_bps": 18e6, "capacity_bps": 1e9}, use))
    assert not [one for one in seen if isinstance(one, Malformed)]
    conditions = {one.part: one.value for one in seen if isinstance(one, Condition)}
    assert (conditions["interface"], conditions["link"]) == ("Gi0/24", "up")
    rates = [one.value or 0.0 for one in seen if isinstance(one, Signal) and one.quantity == "in_rate"]
    assert rates
    assert all(9e6 < rate < 36e6 for rate in rates)


def test_a_stranger_and_a_switch_without_power_answer_nobody() -> None:
    async def use(wire: str, clock_ns: Any) -> str:
        transport = transport_for(f"{wire}?community=other&timeout_s=0.1", "datagram", clock_ns)
        with pytest.raises(OpenFailed) as failed:
            await transport.open(Ear())
        await transport.close()
        return failed.value.reason

    assert asyncio.run(beside({"community": "drill"}, use)) == "timeout"
    silent, _ = agent(silent_every_s=10, silent_for_s=4)
    asked = question("GetRequestPDU", "1.3.6.1.2.1.1.3.0")
    assert [bool(silent.receive(asked, second * 10**9)) for second in (0, 5, 7, 10)] == [True, True, False, True]


def test_who_is_asked_says_nothing_of_his_own_accord() -> None:
    simulator, _ = agent(interval_s=1)
    assert simulator.tick(0)
    assert simulator.receive(b"noise", 10**9) == ()
    assert simulator.tick(2 * 10**9)
    assert simulator.receive(question("GetRequestPDU", "1.3.6.1.2.1.1.3.0"), 3 * 10**9)
    assert simulator.tick(5 * 10**9) == ()


def test_what_is_not_there_is_an_exception_and_the_next_one_follows_the_numbers() -> None:
    error, bound = answered(question("GetRequestPDU", "1.3.6.1.2.1.2.2.1.8.1", "1.3.6.1.2.1.9"))
    assert (error, [one[1] for one in bound]) == (0, ["Integer", "NoSuchObject"])
    walked = ["1.3.6.1"]
    while (found := answered(question("GetNextRequestPDU", walked[-1]))[1][0])[1] != "EndOfMibView":
        walked.append(found[0])
    assert walked[1:] == ["1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.10.0", "1.3.6.1.2.1.2.2.1.8.1"]


def test_nothing_can_be_set() -> None:
    assert answered(question("SetRequestPDU", "1.3.6.1.2.1.1.3.0"))[0] == 17
    assert answered(question("GetBulkRequestPDU", "1.3.6.1.2.1.1.3.0"))[0] == 5


def test_spoilt_questions_raise_nothing() -> None:
    chance = random.Random(7)
    whole = question("GetRequestPDU", *VALUES)
    assert answer(question("GetRequestPDU", *VALUES, version=0), "public", VALUES) is None
    for _ in range(1_500):
        octets = bytearray(whole)
        for _ in range(chance.choice((1, 2, 8))):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        answer(bytes(octets)[: chance.choice((10_000, chance.randrange(len(octets))))], "public", VALUES)
