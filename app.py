"""The marketplace as one application: settings, clock, storage, mailer and features meet here and nowhere else."""

from datetime import timedelta

from flask import Flask, g, has_request_context, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace import cli, logs, web, words
from marketplace.accounts.views import bp as accounts
from marketplace.assets.views import bp as assets
from marketplace.auctions.views import bp as auctions
from marketplace.badges import tone
from marketplace.cases.views import bp as cases
from marketplace.catalogue.views import bp as catalogue
from marketplace.config import Settings, from_environment
from marketplace.core.clock import Clock, SystemClock
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.database import db, migrate, prepare
from marketplace.deals.views import bp as deals
from marketplace.desk.views import bp as desk
from marketplace.intake.views import bp as intake
from marketplace.listings.views import bp as listings
from marketplace.navigation import navigation
from marketplace.notices.views import bp as notices
from marketplace.papers.views import bp as papers
from marketplace.payments.gateways.bank_transfer import BankTransfer
from marketplace.payments.views import bp as payments
from marketplace.reports.views import bp as reports
from marketplace.sights import SIGHTS
from marketplace.storage import Storage
from marketplace.verification.views import bp as verification

BLUEPRINTS = (
    catalogue, accounts, verification, cases, assets, intake, listings, auctions, payments, deals, desk, reports,
    notices, papers,
)  # fmt: skip


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """Build the application.

    :raises SettingsRefused: when the environment does not make sense
    """
    settings = settings or from_environment()
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 16, "max_overflow": 32, "pool_timeout": 15},
        SESSION_COOKIE_NAME="__Host-zhiyi" if settings.secure_cookies else "zhiyi",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        BABEL_TRANSLATION_DIRECTORIES=str(app.root_path) + "/translations",
        RATELIMIT_STORAGE_URI=settings.limiter_url,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    app.extensions["storage"] = Storage.open(settings)
    app.extensions["gateways"] = {
        gateway.name: gateway
        for gateway in (BankTransfer(settings.escrow_account_name, settings.escrow_account_no, settings.escrow_bank),)
    }
    app.extensions["paper_sights"] = SIGHTS
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]

    logs.configure(settings.log_level)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        prepare(db.engine)
    web.init_app(app, clock or SystemClock())
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app)
    _context(app, settings)
    _errors(app)
    return app


def _context(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals.update({name.__name__: name for name in words.NAMES}, tone=tone)
    app.jinja_env.tests["instance_money"] = lambda value: isinstance(value, Money)

    @app.context_processor
    def shared() -> dict[str, object]:
        if not has_request_context():
            return {}  # mail and papers, written by the worker
        return {
            "is_demo": settings.demo_market,
            "html_lang": "en" if web.language() == "en" else "zh-Hans",
            "nav": navigation(web.viewer()),
        }


def _errors(app: Flask) -> None:
    def page(code: int) -> tuple[str, int]:
        return render_template(f"errors/{code}.html"), code

    app.register_error_handler(NotFound, lambda _e: page(404))
    for code in (403, 404, 405, 413, 429):
        app.register_error_handler(code, lambda _e, code=code: page(code))  # type: ignore[misc]
    app.register_error_handler(CSRFError, lambda _e: page(400))

    @app.errorhandler(500)
    def broken(_error: object) -> tuple[str, int]:
        db.session.rollback()
        g.read_only = True
        return page(500)
