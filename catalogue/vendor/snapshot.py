"""The committed snapshot of the vendor's page: its bytes, and the manifest that says where and when they were taken."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from catalogue.paths import SPEC_MANIFEST, SPEC_PAGE


class Manifest(BaseModel):
    """Where and when the snapshot of the vendor's page was taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(title="Address", description="Address of the vendor's page.")
    retrieved: str = Field(title="Retrieved", description="Date of the snapshot, YYYY-MM-DD.")
    sha256: str = Field(title="SHA-256", description="SHA-256 of the snapshot, in hexadecimal digits.")


def read_manifest(path: Path = SPEC_MANIFEST) -> Manifest:
    """Read the snapshot's manifest."""
    return Manifest.model_validate_json(path.read_bytes())


def check_snapshot(page: Path = SPEC_PAGE, manifest: Path = SPEC_MANIFEST) -> str | None:
    """Return what is wrong where the snapshot's bytes are not those of the manifest, else None."""
    found, expected = hashlib.sha256(page.read_bytes()).hexdigest(), read_manifest(manifest).sha256
    if found == expected:
        return None
    return f"{page.name}: sha256 is {found}, the manifest says {expected}. Restore the snapshot, or accept a new one."


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
    drafts = {page.with_suffix(".new"): content, manifest.with_suffix(".new"): written}
    for draft, draft_bytes in drafts.items():
        draft.write_bytes(draft_bytes)
    for draft, target in zip(drafts, (page, manifest), strict=True):
        draft.replace(target)
    return accepted
