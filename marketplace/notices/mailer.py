"""Delivering mail: to a mail server when one is set, otherwise to a page inside the market."""

import smtplib
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select

from marketplace import web
from marketplace.config import Settings
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.notices.models import DeliveredMail


def revived(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as they were before JSON: money, moments and days again."""

    def one(value: Any) -> Any:
        match value:
            case {"money": [minor, currency]}:
                return Money(minor, currency)
            case {"moment": text}:
                return datetime.fromisoformat(text)
            case {"day": text}:
                return date.fromisoformat(text)
            case _:
                return value

    return {key: one(value) for key, value in facts.items()}


def written(name: str, facts: dict[str, Any], link: str, locale: str) -> tuple[str, str]:
    """Subject and body of a notice in a language: the template's first line, and the rest."""
    language = locale or web.LANGUAGES[0]
    settings: Settings = current_app.extensions["settings"]
    with force_locale(language), web.reading(language):
        text = render_template(
            f"mail/{name}.txt",
            **revived(facts),
            link=f"{settings.base_url}{link}" if link else "",
            base_url=settings.base_url,
        )
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"


def deliver(payload: dict[str, Any], now: datetime) -> None:
    """Send one mail; a key that was delivered before is left alone.

    With a mail server a crash between sending and marking may send twice, under the same Message-ID.
    """
    if db.session.scalar(select(DeliveredMail.id).where(DeliveredMail.key == payload["key"])):
        return
    settings: Settings = current_app.extensions["settings"]
    subject, body = written(payload["name"], payload["facts"], payload["link"], payload["locale"])
    if settings.smtp_host:
        _send(settings, payload["to"], subject, body, payload["key"])
        body = ""
    recipient = payload["to"] if not settings.smtp_host else ""
    db.session.add(DeliveredMail(key=payload["key"], recipient=recipient, subject=subject, body=body, sent_at=now))


def _send(settings: Settings, to: str, subject: str, body: str, key: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Message-ID"] = make_msgid(idstring=key.replace(":", "."), domain="zhiyi.market")
    message.set_content(body)
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
        server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)
