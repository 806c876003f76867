"""A knowledge release goes from hub to spoke, is checked, and is adopted only when the spoke decides so."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import BedsideError, PackError, RequestError
from bedside.service.house import newest_pack
from bedside.service.release_travel import releases, send_release, take_release
from bedside.service.site_inbox import Unacceptable, take_in
from bedside.service.site_messages import Kind, State, item_of, letter_of, outbox, queued
from tests.two_sites import Two, open_two


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path)
    own = replace(both.spoke.settings, knowledge_root=str(tmp_path / "spoke" / "packs"))
    both.spoke = replace(both.spoke, settings=own)
    both.line.here = both.spoke
    yield both
    both.close()


def test_a_release_arrives_is_taken_and_can_be_adopted(two: Two) -> None:
    message = send_release(two.hub, two.hub_sites, "spoke", "cpic@2025-11-05", actor="x")
    two.meet()
    (offered,) = releases(two.spoke)
    assert (offered.message, offered.sender, offered.here) == (message, "hub", False)
    assert offered.release == str(two.hub.pgx.release)
    assert not (Path(two.spoke.settings.knowledge_root) / "sources").exists()
    folder = take_release(two.spoke, message[:8])
    assert folder == Path(two.spoke.settings.knowledge_root) / "sources" / "cpic" / "2025-11-05"
    assert str(newest_pack(two.spoke.settings).release) == offered.release
    assert [one.here for one in releases(two.spoke)] == [True]
    with pytest.raises(RequestError, match="already"):
        take_release(two.spoke, message)


def test_a_site_that_may_not_send_releases_is_refused(two: Two, tmp_path: Path) -> None:
    agreed = tmp_path / "spoke" / "sites.toml"
    agreed.write_text(agreed.read_text().replace("releases = true", "releases = false"))
    send_release(two.hub, two.hub_sites, "spoke", "cpic@2025-11-05", actor="x")
    two.meet()
    (letter,) = outbox(two.hub)
    assert (letter.state, "takes no releases" in letter.reason) == (State.REFUSED, True)


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no archive", "cannot be unpacked"),
        (zipped(**{"../../etc/passwd": b"x"}), "unusual name"),
        (zipped(**{"/etc/passwd": b"x"}), "unusual name"),
    ],
)
def test_an_archive_that_is_none_or_names_places_is_refused(two: Two, content: bytes, reason: str) -> None:
    document = two.hub.documents.put(content)
    body = {"release": "cpic@2030-01-01#00", "source": "cpic", "date": "2030-01-01", "documents": [document]}
    event = queued(two.hub_sites, "spoke", Kind.RELEASE, "m1", body, actor="x", now=two.hub.clock())
    two.hub.ledger.append([event])
    item = item_of(two.hub, outbox(two.hub)[0])
    peer = two.spoke_sites.peers["hub"]
    with pytest.raises(Unacceptable, match=reason):
        take_in(two.spoke, two.spoke_sites, peer, item)
    item["documents"] = {}
    with pytest.raises(Unacceptable, match="missing"):
        take_in(two.spoke, two.spoke_sites, peer, item)


def test_what_does_not_load_or_is_not_what_it_says_never_enters_the_knowledge_folder(two: Two) -> None:
    message = send_release(two.hub, two.hub_sites, "spoke", "cpic@2025-11-05", actor="x")
    item = item_of(two.hub, letter_of(two.hub, message))
    item["envelope"]["body"] = {**item["envelope"]["body"], "release": "cpic@2025-11-05#000000000000"}
    take_in(two.spoke, two.spoke_sites, two.spoke_sites.peers["hub"], item)
    with pytest.raises(PackError, match="not what the other site said"):
        take_release(two.spoke, message)
    document = two.hub.documents.put(zipped(**{"source.toml": b"nonsense"}))
    item = item_of(two.hub, letter_of(two.hub, message))
    item["envelope"].update(message="m2")
    item["envelope"]["body"] = {**item["envelope"]["body"], "documents": [document]}
    item["documents"] = {document: b64encode(two.hub.documents.get(document)).decode()}
    take_in(two.spoke, two.spoke_sites, two.spoke_sites.peers["hub"], item)
    with pytest.raises(BedsideError):
        take_release(two.spoke, "m2")
    assert list(Path(two.spoke.settings.knowledge_root).iterdir()) == []
