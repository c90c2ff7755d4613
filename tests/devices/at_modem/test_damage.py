"""A bad wire: nothing may be called sent, confirmed or heard that was not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from devices.driver import Outgoing
from devices.observations import DeliveryReport, TextMessage
from tests.devices.at_modem.conversation import Conversation, of

TEXT = "二号点已到达"


class Damaged(Conversation):
    """One octet in ``every`` that the modem says is changed, lost or said twice."""

    def __init__(self, seed: int, every: int, profile: str) -> None:
        super().__init__(16, profile=profile, texts=[TEXT], text_every_s=15)
        self._random = random.Random(seed)
        self._every = every

    def _hear(self, said: Sequence[bytes]) -> None:
        super()._hear([bytes(octet for one in said for whole in one for octet in self._damaged(whole))])

    def _damaged(self, octet: int) -> list[int]:
        if self._random.randrange(self._every):
            return [octet]
        return self._random.choice([[], [octet, octet], [octet ^ (1 << self._random.randrange(8))]])


@pytest.mark.parametrize("profile", ["generic", "quectel", "iridium_sbd"])
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_wire_makes_no_text_sent_that_the_network_did_not_take(seed: int, profile: str) -> None:
    talk = Damaged(seed, 150, profile)
    taken_before = 0
    for number in range(12):
        talk.run(25)
        taken = talk.device._count
        sent = {one.message_id for one in of(DeliveryReport, talk.seen) if one.state in {"sent", "confirmed"}}
        assert len(sent) <= taken, "the network took fewer texts than are called sent"
        assert taken >= taken_before
        taken_before = taken
        recipient = "gateway" if profile == "iridium_sbd" else "17401234567"
        answer = talk.text(recipient, "请求增援", f"m{number}")
        assert isinstance(answer, Outgoing) or answer.is_for_now
    confirmed = {one.message_id for one in of(DeliveryReport, talk.seen) if one.state == "confirmed"}
    sent = {one.message_id for one in of(DeliveryReport, talk.seen) if one.state == "sent"}
    assert confirmed <= sent
    assert talk.device._count, "some went all the same"
    assert of(TextMessage, talk.seen), "some came all the same"
