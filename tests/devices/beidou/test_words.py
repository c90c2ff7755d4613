"""Every reason and setting a person may be shown has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.i18n import LANGUAGES, Language, catalogue
from devices.catalogue import entries
from devices.drivers import beidou_rdss
from devices.drivers.beidou_rdss import ascii3, ascii21, bin40

SOURCES = "".join(file.read_text(encoding="utf-8") for file in Path(beidou_rdss.__file__ or "").parent.glob("*.py"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_and_every_reason_of_failure_has_words(language: Language) -> None:
    texts = catalogue(language)
    refusals = set(re.findall(r'Refused\(reason="([a-z-]+)"', SOURCES)) | {"charset", "empty"}
    tables = (ascii3.REASONS, ascii21._SUPPRESSION, bin40._REASONS)
    reasons = {"refused", "unknown-4"} | {reason for table in tables for reason in table.values()}
    assert len(refusals) > 9
    assert [reason for reason in refusals if f"refusal.{reason}" not in texts] == []
    assert [reason for reason in reasons if f"delivery.reason.{reason}" not in texts] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_a_label_and_a_hint(language: Language) -> None:
    texts = catalogue(language)
    for setting in entries()["beidou_rdss"].settings.values():
        assert setting.label in texts
        assert setting.hint in texts
