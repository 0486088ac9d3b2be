"""Serving papers: each belongs to a thing, and whoever may see the thing may see it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app
from werkzeug.wrappers import Response as BaseResponse

from marketplace import web
from marketplace.core.errors import NotFound
from marketplace.papers import queries
from marketplace.papers.models import Paper

bp = Blueprint("papers", __name__)
Sight = Callable[[Paper, Any], bool]


@bp.get("/papers/<ref>")
@web.public
def show(ref: str) -> BaseResponse:
    """A paper's bytes, inert: shown in a sandbox or saved, never run.

    Who may see it is asked of whoever owns its subject; nobody's answer is a 404.
    """
    paper = queries.by_ref(ref)
    sights: dict[str, Sight] = current_app.extensions["paper_sights"]
    may_see = sights.get(paper.subject.partition(":")[0])
    if may_see is None or not may_see(paper, web.viewer()):
        raise NotFound
    return Response(
        queries.content(paper),
        mimetype=paper.media_type,
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(paper.filename)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
