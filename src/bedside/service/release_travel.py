"""Knowledge releases on their way from one site to another: sent by one, adopted by the other if it wants.

What arrives is kept as a document. It enters the site's own knowledge folder only when somebody takes it,
after it was loaded whole and is what it says it is; from there `bedside reinterpret` adopts it as any other.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bedside.errors import NotFound, PackError, Problem, RequestError, SettingsError
from bedside.genome.event import EventKind
from bedside.knowledge.catalogue import load_folder, release_folders
from bedside.service.consult_arrival import Arrival
from bedside.service.house import House
from bedside.service.site_messages import Kind, documents_in, letter_of, queued
from bedside.service.sites import PeerSite, Sites, peer_of
from bedside.settings import variable

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
MOST_UNPACKED = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OfferedRelease:
    """A release another site sent. here: whether it is in the knowledge folder already."""

    message: str
    release: str
    sender: str
    arrived: datetime
    document: str
    here: bool


def send_release(house: House, sites: Sites, to: str, named: str, *, actor: str) -> str:
    """Queue a release at hand (`cpic@2025-11-05`) for another site; the message's number."""
    peer_of(sites, to)
    source, _, date = named.partition("@")
    folder = _folder(house, source, date)
    pack = load_folder(folder)
    document = house.documents.put(_packed(folder))
    body = {"release": str(pack.release), "source": source, "date": date, "documents": [document]}
    message = str(uuid4())
    event = queued(sites, to, Kind.RELEASE, message, body, actor=actor, now=house.clock())
    house.ledger.append([event])
    return letter_of(house, message).message


def release_arrived(
    house: House, sites: Sites, peer: PeerSite, content: Mapping[str, Any], item: Any
) -> Arrival:
    """A release of another site is kept; nothing is adopted by it."""
    if not peer.releases:
        return Arrival(refused="this site takes no releases from that one (`releases` is not set)")
    _, _, documents = _said(content["body"])
    for document in documents_in(item, documents):
        list(_files(document))
        house.documents.put(document)
    return Arrival()


def _said(body: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    source, date, documents = body.get("source"), body.get("date"), body.get("documents")
    release = body.get("release")
    if not isinstance(documents, list) or len(documents) != 1 or not isinstance(documents[0], str):
        raise RequestError.one("documents", "a release is one document")
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in (source, date)):
        raise RequestError.one("release", "has no name and date of a release")
    if not isinstance(release, str) or not release.startswith(f"{source}@{date}#"):
        raise RequestError.one("release", "is not what its name and date say")
    return str(source), str(date), (documents[0],)


def releases(house: House) -> tuple[OfferedRelease, ...]:
    """The releases other sites sent, in the order they came."""
    found = []
    for event in house.ledger.events(kinds=(EventKind.SITE_RECEIVED,)):
        if event.payload["kind"] == Kind.RELEASE.value:
            source, date, (document,) = _said(event.payload["body"])
            root = house.settings.knowledge_folder
            here = root is not None and (root / "sources" / source / date).is_dir()
            found.append(
                OfferedRelease(
                    event.payload["message"],
                    event.payload["body"]["release"],
                    event.payload["from"],
                    event.known_at,
                    document,
                    here,
                )
            )
    return tuple(found)


def take_release(house: House, message: str) -> Path:
    """Put a release that arrived into the site's knowledge folder, once it loads whole and is what it says;
    the folder. Adopting it is another decision (`bedside reinterpret`)."""
    root = house.settings.knowledge_folder
    if root is None:
        raise SettingsError(f"{variable('knowledge_root')} must name the folder of this site's own packs")
    found = [one for one in releases(house) if message and one.message.startswith(message)]
    if len(found) != 1:
        raise NotFound.one("message", "no one release begins so", remedy="`bedside site releases` lists them")
    source, date = found[0].release.partition("#")[0].split("@")
    target = root / "sources" / source / date
    if target.exists():
        raise RequestError.one("release", "is in the knowledge folder already")
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".arriving-") as temporary:
        folder = Path(temporary) / "sources" / source / date
        folder.mkdir(parents=True)
        for name, content in _files(house.documents.get(found[0].document)):
            (folder / name).write_bytes(content)
        pack = load_folder(folder)
        if str(pack.release) != found[0].release:
            raise PackError([Problem("release", f"is {pack.release}, not what the other site said it is")])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
    return target


def _folder(house: House, source: str, date: str) -> Path:
    own = house.settings.knowledge_folder
    for root in (None,) if own is None else (own, None):
        for folder in release_folders(root):
            if folder.parent.name == source and folder.name == date:
                return folder
    raise NotFound.one("release", "no such release is at hand", remedy="`bedside knowledge list` names them")


def _packed(folder: Path) -> bytes:
    """The files of a release as one archive, the same bytes every time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path.is_file():
                archive.writestr(
                    zipfile.ZipInfo(path.name, _FIRST_DAY), path.read_bytes(), zipfile.ZIP_DEFLATED
                )
    return packed.getvalue()


def _files(document: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive; raises `RequestError` for one that names places or is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            entries = archive.infolist()
            if sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise RequestError.one("documents", "the release is larger than is taken")
            for entry in entries:
                if not _NAME.fullmatch(entry.filename):
                    raise RequestError.one("documents", "the release holds a file with an unusual name")
                with archive.open(entry) as file:
                    content = file.read(entry.file_size + 1)
                yield entry.filename, content
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise RequestError.one("documents", "the release cannot be unpacked") from error
