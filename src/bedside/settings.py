"""What a site may set, read once in the shell and passed down. Every setting has a `BEDSIDE_…` variable."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from bedside.errors import SettingsError

FACTS_FROM = "cpic"
"""The source of genes, alleles and phenotypes; guidance of others may be added to its own."""

DEFAULT_STORE = "sqlite:///bedside-data/ledger.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """A site's settings; `docs/settings.md` says what each is for.

    store_url: where the ledger is. documents: folder of what arrived ("" = beside the ledger).
    lake: folder of the stored genomes ("" = beside the ledger). exports: folder of bulk exports ("" = beside
    the ledger). chain: the site's chain file from GRCh37
    to GRCh38, used where a command names none.
    spark_master: where Spark answers cohort questions ("" = this
    machine). spark_lake: the address under which a cluster sees the lake's folder ("" = the folder itself).
    knowledge_root: a folder of a site's own packs, besides those shipped. guidance: the sources whose
    guidance is given, the record's own first (`cpic,dpwg`). access_file: who may connect,
    needed off loopback. frame_ancestors: origins of EHRs that may frame the pages. cors_origins: origins that
    may call CDS Hooks from a browser. public_url: the address clients use, the audience of their tokens.
    fhir_server: the EHR whose patient ids are the record's own person ids. sites_file: this site's name and
    key, and the other sites it works with ("" = none). watch_minutes: how often a server looks at the guards
    of care pathways (0 = never; `bedside pathway watch` does it once). trials: a folder of
    trials as CTML, read into the packets of the tumour board ("" = none). payers: the addresses of the payers
    that requests for authorisation may go to, with commas. areas: a site's table of postal
    codes and the fifth of area deprivation each lies in ("" = none).
    store_key_file, store_key: the key of an encrypted store, from a file or as it is. postgresql_plain: "yes"
    lets a PostgreSQL server on another machine be reached without TLS. backups: the folder that `/safety`
    looks for backups in. checkpoint_log: where `bedside serve` keeps checkpoints ("" = nowhere), every
    checkpoint_minutes; checkpoint_key_file: the key they are signed with. read_only: "yes" serves pages that
    change nothing.
    """

    store_url: str = DEFAULT_STORE
    documents: str = ""
    lake: str = ""
    exports: str = ""
    chain: str = ""
    spark_master: str = ""
    spark_lake: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    knowledge_root: str = ""
    guidance: str = "cpic"
    access_file: str = ""
    public_url: str = ""
    frame_ancestors: str = ""
    cors_origins: str = ""
    fhir_server: str = ""
    sites_file: str = ""
    watch_minutes: int = 5
    trials: str = ""
    payers: str = ""
    areas: str = ""
    store_key_file: str = ""
    store_key: str = field(default="", repr=False)
    postgresql_plain: str = ""
    backups: str = ""
    checkpoint_log: str = ""
    checkpoint_key_file: str = ""
    checkpoint_minutes: int = 60
    read_only: str = ""

    @property
    def loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        return is_loopback(self.host)

    @property
    def serves_read_only(self) -> bool:
        """Whether nothing may be changed by whoever is served; anything but "", "no" or "0" says so."""
        return self.read_only.strip().lower() not in ("", "no", "0", "false")

    @property
    def guidance_sources(self) -> tuple[str, ...]:
        """The sources of guidance in their order; raises `SettingsError` unless the first is `cpic`."""
        named = tuple(
            dict.fromkeys(part.strip().lower() for part in self.guidance.split(",") if part.strip())
        )
        if named[:1] != (FACTS_FROM,):
            raise SettingsError(
                f"{variable('guidance')} must begin with {FACTS_FROM}, such as {FACTS_FROM},dpwg"
            )
        return named

    @property
    def chain_file(self) -> Path | None:
        """The site's chain file from GRCh37 to GRCh38, or None."""
        return Path(self.chain) if self.chain else None

    @property
    def payer_urls(self) -> tuple[str, ...]:
        """The addresses of the payers that may be asked."""
        return tuple(one.strip() for one in self.payers.split(",") if one.strip())

    @property
    def trials_folder(self) -> Path | None:
        """The folder of trials, or None."""
        return Path(self.trials) if self.trials else None

    @property
    def knowledge_folder(self) -> Path | None:
        """The site's own packs, or None."""
        return Path(self.knowledge_root) if self.knowledge_root else None


def is_loopback(host: str) -> bool:
    """Whether an address or name can be this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def variable(name: str) -> str:
    """The environment variable of a setting: `store_url` is `BEDSIDE_STORE_URL`."""
    return f"BEDSIDE_{name.upper()}"


def read_settings(environment: Mapping[str, str], **given: object) -> Settings:
    """Settings from the environment, overridden by what the command line gave; raises `SettingsError`."""
    values: dict[str, object] = {}
    for name in (one.name for one in fields(Settings)):
        text, chosen = environment.get(variable(name)), given.get(name)
        if chosen is not None:
            values[name] = chosen
        elif text is not None:
            values[name] = _NUMBERS[name](text) if name in _NUMBERS else text
    unknown = sorted(set(given) - {one.name for one in fields(Settings)})
    if unknown:
        raise SettingsError(f"no such setting: {', '.join(unknown)}")
    return Settings(**values)  # type: ignore[arg-type]


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise SettingsError(f"{variable('port')} must be a port number from 0 to 65535")
    return int(text)


def _minutes(name: str) -> Callable[[str], int]:
    def minutes(text: str) -> int:
        if not text.isdigit() or int(text) > 1440:
            raise SettingsError(f"{variable(name)} must be a number of minutes from 0 (never) to 1440")
        return int(text)

    return minutes


_NUMBERS: Mapping[str, Callable[[str], int]] = {
    "port": _port,
    "watch_minutes": _minutes("watch_minutes"),
    "checkpoint_minutes": _minutes("checkpoint_minutes"),
}
