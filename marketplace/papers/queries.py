"""Reads of papers."""

from flask import current_app
from sqlalchemy import select

from marketplace.core.errors import NotFound
from marketplace.database import db
from marketplace.papers.models import Paper
from marketplace.storage import Storage


def by_ref(ref: str) -> Paper:
    """:raises NotFound: when there is none"""
    paper = db.session.scalar(select(Paper).where(Paper.ref == ref))
    if paper is None:
        raise NotFound
    return paper


def of(*subjects: str) -> list[Paper]:
    """The papers of some things, every version, newest first within a kind."""
    return list(
        db.session.scalars(
            select(Paper)
            .where(Paper.subject.in_(subjects), Paper.withdrawn_at.is_(None))
            .order_by(Paper.subject, Paper.kind, Paper.title, Paper.version.desc())
        )
    )


def newest(papers: list[Paper]) -> list[Paper]:
    """The newest version of each."""
    first: dict[tuple[str, str, str], Paper] = {}
    for paper in papers:
        first.setdefault((paper.subject, paper.kind, paper.title), paper)
    return list(first.values())


def content(paper: Paper) -> bytes:
    storage: Storage = current_app.extensions["storage"]
    return storage.get(paper.sha256)
