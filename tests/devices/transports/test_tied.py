"""A probe tied to an interface leaves by it or not at all: real interfaces, a real far end, the kernel's own counts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devices.transports.routes import way_to
from tests.peers import lack, need

ROOT = Path(__file__).parents[3]
ALL = 3
"""Kinds of probes: ping, tcp-connect, stamp."""


@pytest.mark.peer
def test_a_tied_probe_never_leaves_by_the_other_way() -> None:
    need("ip")
    need("nsenter")
    alone = [need("unshare"), "-n" if os.geteuid() == 0 else "-rn"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        lack("this computer lets nobody make a network namespace")
    words = [*alone, sys.executable, "-m", "tests.tied_scene"]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-3000:]
    by_fibre, by_lte, by_none = [True, False], [False, True], [False, False]
    seen = json.loads(done.stdout)
    # Nobody answers because nothing leads there, as after `ip route replace` by another bearer: that is no cut.
    assert [(word, left_by_lte) for word, _, left_by_lte in seen.pop("no route")] == [("no_route", False)] * ALL
    assert seen == {
        "whole": [["answer", *by_fibre]] * ALL,
        # The question went out and was answered, and the kernel let nobody hear it.
        "filtered": [["filtered", *by_fibre]] * ALL,
        "loosely filtered": [["answer", *by_fibre]] * ALL,
        # What tying is for: the fibre is dead, LTE answers for it.
        "cut, not tied": [["answer", *by_lte]] * ALL,
        "cut": [["timeout", *by_fibre]] * ALL,
        "absent": [["missing", *by_none]] * ALL,
        "replugged": ["answer", "missing", "answer"],
        "no right": [["not_tied", *by_none]] * ALL,
        "no right, route by source": [["answer", *by_fibre]] * ALL,
        "no right, route by source, cut": [["timeout", *by_fibre]] * ALL,
    }


def test_the_kernel_says_how_it_would_reach_itself() -> None:
    way = way_to("127.0.0.1")
    assert (socket.if_indextoname(way.interface), way.source) == ("lo", "127.0.0.1")


def test_what_the_kernel_refuses_to_route_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match=r"unreachable|Invalid"):
        way_to("127.0.0.1", source="198.51.100.77")
