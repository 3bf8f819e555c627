"""The committed snapshot of the vendor's page: its bytes, and the manifest that says where and when they were taken."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalogue.files import write_files
from catalogue.paths import SPEC_MANIFEST, SPEC_PAGE
from catalogue.vendor.blocks import SpecError
from catalogue.vendor.page import SpecPage, read_spec

RESTORE = "Restore it: git checkout -- data/spec"
ACCEPT = "python -m catalogue drift --accept"


class Manifest(BaseModel):
    """Where and when the snapshot of the vendor's page was taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(title="Address", description="Address of the vendor's page.")
    retrieved: str = Field(title="Retrieved", description="Date of the snapshot, YYYY-MM-DD.")
    sha256: str = Field(title="SHA-256", description="SHA-256 of the snapshot, in hexadecimal digits.")


class SnapshotError(ValueError):
    """Snapshot or manifest cannot be read. The message names the file and says what to do."""


def read_manifest(path: Path = SPEC_MANIFEST) -> Manifest:
    """Read the snapshot's manifest. Raises SnapshotError."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SnapshotError(f"{path} cannot be opened: {error.strerror}. {RESTORE}") from None
    except ValidationError as error:
        reason = "; ".join(f"{'.'.join(map(str, fault['loc']))} {fault['msg']}".strip() for fault in error.errors())
        raise SnapshotError(f"{path} is no manifest: {reason}. {RESTORE}") from None


def read_snapshot(path: Path = SPEC_PAGE) -> SpecPage:
    """Read the committed page. Raises SnapshotError."""
    try:
        return read_spec(path)
    except OSError as error:
        raise SnapshotError(f"{path} cannot be opened: {error.strerror}. {RESTORE}") from None
    except SpecError as error:
        raise SnapshotError(f"{path} is damaged: {error}. {RESTORE}") from None


def check_snapshot(page: Path = SPEC_PAGE, manifest: Path = SPEC_MANIFEST) -> str | None:
    """Return what is wrong where the snapshot's bytes are not those of the manifest, else None."""
    expected = read_manifest(manifest).sha256
    try:
        found = hashlib.sha256(page.read_bytes()).hexdigest()
    except OSError as error:
        raise SnapshotError(f"{page} cannot be opened: {error.strerror}. {RESTORE}") from None
    if found == expected:
        return None
    return f"{page}: sha256 is {found}, the manifest says {expected}. {RESTORE}. Or take today's page: {ACCEPT}"


def accept_page(
    content: bytes,
    page: Path = SPEC_PAGE,
    manifest: Path = SPEC_MANIFEST,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> Manifest:
    """Replace snapshot and manifest by the bytes of a page that has been parsed; the address stays.

    Returns the new manifest.
    """
    url, digest = read_manifest(manifest).url, hashlib.sha256(content).hexdigest()
    accepted = Manifest(url=url, retrieved=today().isoformat(), sha256=digest)
    written = f"{json.dumps(accepted.model_dump(), indent=2)}\n".encode()
    write_files({page: content, manifest: written})
    return accepted
