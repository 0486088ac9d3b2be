"""Keeping papers: every upload is judged by its bytes, hashed, stored once and never overwritten."""

import io
import secrets
import zipfile
from datetime import datetime
from pathlib import PurePath
from typing import Any

import puremagic
from flask import current_app
from sqlalchemy import func, select

from marketplace import audit
from marketplace.database import db
from marketplace.papers.models import Paper
from marketplace.papers.rules import PDF, XLSX, PaperKind, check_upload
from marketplace.storage import Storage


def sniff(content: bytes) -> str:
    """The media type the bytes themselves speak of."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return XLSX if _is_workbook(content) else "application/zip"
    try:
        return str(puremagic.from_string(content[:65536], mime=True)) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def upload(
    subject: str, kind: PaperKind, filename: str, content: bytes, *, by: Any, now: datetime, title: str = "",
    is_public: bool = False,
) -> Paper:  # fmt: skip
    """Keep what a person uploaded, as a further version where the paper exists.

    :raises EmptyFile, TooLarge, WrongType: when the bytes are not a paper
    """
    media_type = sniff(content)
    check_upload(media_type, len(content))
    return keep(subject, kind, filename, content, media_type, by=by, now=now, title=title, is_public=is_public)


def keep(
    subject: str, kind: PaperKind, filename: str, content: bytes, media_type: str, *, by: Any, now: datetime,
    title: str = "", is_public: bool = False,
) -> Paper:  # fmt: skip
    """Keep bytes as the next version of a paper."""
    storage: Storage = current_app.extensions["storage"]
    version = db.session.scalar(
        select(func.coalesce(func.max(Paper.version), 0)).where(
            Paper.subject == subject, Paper.kind == kind, Paper.title == title
        )
    )
    paper = Paper(
        ref=f"P{secrets.token_hex(8)}",
        subject=subject,
        kind=kind,
        title=title,
        version=(version or 0) + 1,
        filename=PurePath(filename.replace("\\", "/")).name[:120] or "file",
        media_type=media_type,
        size=len(content),
        sha256=storage.put(content),
        is_public=is_public,
        uploaded_by_id=by.id if by is not None else None,
        uploaded_at=now,
    )
    db.session.add(paper)
    db.session.flush()
    audit.record("paper.kept", subject, by=by, now=now, kind=kind, version=paper.version, sha256=paper.sha256)
    return paper
