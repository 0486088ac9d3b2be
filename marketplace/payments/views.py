"""Entering and bidding with what it costs, paying, and the operators' work with money."""

import secrets

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.auctions import queries as auctions
from marketplace.auctions import service as bidding
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import NotFound
from marketplace.core.roles import Duty, Role
from marketplace.deals import queries as deals
from marketplace.deals import service as deal_service
from marketplace.listings import queries as listings
from marketplace.papers import queries as papers
from marketplace.payments import charges, forms, ledger, queries, service, settlement
from marketplace.payments.charges import VatTreatment
from marketplace.payments.models import PaymentOrder
from marketplace.payments.rules import PayoutState

bp = Blueprint("payments", __name__)
Page = str | Response | tuple[str, int]
BIDDERS = (Role.BANK, Role.ENTERPRISE, Role.RESERVE, Role.SERVICE_FIRM)


@bp.route("/lots/<ref>/registration", methods=["GET", "POST"])
@web.requires(*BIDDERS, duty=Duty.OFFICER)
def register(ref: str) -> Page:
    listing = listings.public(ref)
    auction = auctions.of(listing)
    if auction is None:
        raise NotFound
    own = auctions.registration(auction, current_user.organisation)
    if own is not None:
        order = queries.of_subject(service.Purpose.DEPOSIT, f"registration:{own.id}")
        target = url_for(".show", ref=order.ref) if order else url_for("catalogue.show", ref=ref)
        return redirect(target)
    form = forms.RegistrationForm(rules_version=auction.policy_version)
    if done := web.submit(
        form,
        lambda: service.register(
            auction, by=current_user, accepts_rules=form.rules_version.data or "", now=web.now(),
            exempt_as_pledgee=form.exempt_as_pledgee.data,
        ),
    ):  # fmt: skip
        if done.result.is_deposit_exempt:
            flash(_("报名成功，已免缴保证金。"), "done")
            return redirect(url_for("catalogue.show", ref=ref))
        flash(_("报名成功，请缴纳保证金。"), "done")
        return redirect(url_for(".register", ref=ref))
    page = render_template(
        "payments/register.html", form=form, listing=listing, auction=auction,
        bars=auctions.bars(listing, current_user.organisation, shanghai_date(web.now())), terms=policy.policy(auction.policy_version),
        is_pledgee=auctions.is_pledgee(listing, current_user.organisation),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@bp.post("/lots/<ref>/registration/withdraw")
@web.requires(*BIDDERS, duty=Duty.OFFICER)
def withdraw_registration(ref: str) -> Page:
    listing = listings.public(ref)
    auction = auctions.of(listing)
    own = auctions.registration(auction, current_user.organisation) if auction else None
    if own is None:
        raise NotFound
    web.act(lambda: service.withdraw(own, by=current_user, now=web.now()), _("已撤回报名。"))
    return redirect(url_for("catalogue.show", ref=ref))


@bp.post("/lots/<ref>/bids/confirm")
@web.requires(*BIDDERS, duty=Duty.OFFICER)
def confirm_bid(ref: str) -> Page:
    """What the bid means and costs, before it binds; nothing is kept here."""
    listing = listings.public(ref)
    auction = auctions.of(listing)
    own = auctions.registration(auction, current_user.organisation) if auction else None
    if auction is None or own is None:
        raise NotFound
    form = forms.BidForm()
    done = web.submit(
        form, lambda: auctions.would_admit(auction, own, form.amount.amount, current_user.organisation, web.now())
    )
    if not done or form.amount.amount is None:
        web.flash_errors(form)
        return redirect(url_for("catalogue.show", ref=ref))
    amount = form.amount.amount
    return _confirm_page(
        ref, forms.ConfirmedBidForm(formdata=None, amount=amount.minor, key=secrets.token_hex(16)), 200
    )


def _confirm_page(ref: str, form: forms.ConfirmedBidForm, status: int) -> Page:
    listing = listings.public(ref)
    form.amount.pre_validate(form)
    amount = form.amount.amount
    if amount is None:
        return redirect(url_for("catalogue.show", ref=ref))
    auction = auctions.of(listing)
    page = render_template(
        "payments/confirm_bid.html", listing=listing, form=form, amount=amount, auction=auction,
        statement=charges.statement(amount, on=shanghai_date(web.now())),
    )  # fmt: skip
    return page, status


@bp.post("/lots/<ref>/bids")
@web.requires(*BIDDERS, duty=Duty.OFFICER)
@web.limiter.limit("60 per minute")
def place_bid(ref: str) -> Page:
    listing = listings.public(ref)
    auction = auctions.of(listing)
    if auction is None:
        raise NotFound
    form = forms.ConfirmedBidForm()
    if web.submit(
        form,
        lambda: bidding.place_bid(
            auction.id, form.amount.amount, bidder=current_user.organisation, key=form.key.data or "", now=web.now()
        ),
    ):
        flash(_("出价成功，贵单位目前领先。"), "done")
        return redirect(url_for("catalogue.show", ref=ref))
    return _confirm_page(ref, form, 422)


# --- paying ----------------------------------------------------------------------------------------------------------


@bp.get("/payments")
@web.requires(*BIDDERS)
def index() -> Page:
    orders = queries.own(current_user)
    return render_template(
        "payments/index.html", orders=orders, titles=queries.titles(orders), payouts=queries.own_payouts(current_user)
    )


def _about(order: PaymentOrder) -> tuple[str, str]:
    """What an order is for, as its payer may know it: a title and a page."""
    registration = queries.registration_of(order)
    if registration is not None:
        listing = registration.auction.listing
        return listing.title, url_for("catalogue.show", ref=listing.ref)
    deal = queries.deal_of(order)
    return (deal.listing.title, url_for("deals.show", ref=deal.ref)) if deal else ("", "")


@bp.get("/payments/<ref>")
@web.requires(*BIDDERS)
def show(ref: str) -> Page:
    order = queries.visible(ref, current_user)
    title, link = _about(order)
    return render_template(
        "payments/show.html", order=order, title=title, link=link, form=forms.ProofForm(formdata=None),
        instructions=queries.gateway(order.provider).start(order.ref, order.amount),
        papers=papers.newest(papers.of(f"payment:{order.id}")), timeline=accounts.record_of(f"payment:{order.id}", web.viewer()),
    )  # fmt: skip


@bp.post("/payments/<ref>/proof")
@web.requires(*BIDDERS, duty=Duty.OFFICER)
def prove(ref: str) -> Page:
    order = queries.visible(ref, current_user)
    form = forms.ProofForm()
    if web.submit(
        form,
        lambda: service.prove(
            order, form.file.data.filename or "", form.file.data.read(), by=current_user, now=web.now()
        ),
    ):
        flash(_("凭证已提交，平台核对到账后生效。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".show", ref=ref))


# --- operators -------------------------------------------------------------------------------------------------------


@bp.get("/operator/money")
@web.requires(Role.PLATFORM)
def work_list() -> Page:
    orders = queries.to_confirm()
    return render_template(
        "payments/work_list.html", orders=orders, proofs=queries.proofs(orders), payouts=queries.to_pay(),
        form=forms.ArrivalForm(formdata=None, paid_on=shanghai_date(web.now())), why=forms.WhyForm(formdata=None),
        escrow=ledger.balance("escrow"),
    )  # fmt: skip


@bp.post("/operator/payments/<ref>/confirm")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def confirm(ref: str) -> Page:
    order = queries.visible(ref, current_user)
    form = forms.ArrivalForm()
    if web.submit(form, lambda: service.confirm(order, form.paid_on.data, by=current_user, now=web.now())):
        flash(_("已记录到账。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".work_list"))


@bp.post("/operator/payments/<ref>/reject")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def reject(ref: str) -> Page:
    order = queries.visible(ref, current_user)
    form = forms.WhyForm()
    if web.submit(form, lambda: service.reject(order, form.why.data or "", by=current_user, now=web.now())):
        flash(_("已退回付款人。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".work_list"))


@bp.post("/operator/payouts/<int:payout_id>/<any(confirm, reject):act>")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def payout(payout_id: int, act: str) -> Page:
    row = queries.payout(payout_id)
    calls = {
        "confirm": lambda: settlement.confirm_payout(row, by=current_user, now=web.now()),
        "reject": lambda: settlement.reject_payout(row, by=current_user, now=web.now()),
    }
    web.act(calls[act], _("已记录。"))
    return redirect(
        (request.form.get("next") == "deal" and row.deal_ref and url_for(".settle", ref=row.deal_ref))
        or url_for(".work_list")
    )


@bp.get("/operator/ledger")
@web.requires(Role.PLATFORM)
def journal() -> Page:
    return render_template("payments/journal.html", balances=ledger.trial_balance(), postings=ledger.newest())


@bp.route("/deals/<ref>/settlement", methods=["GET", "POST"])
@web.requires(Role.PLATFORM, Role.BANK, Role.ENTERPRISE, Role.RESERVE)
def settle(ref: str) -> Page:
    """The statement and the waterfall: operators prepare and approve, the parties read what concerns them."""
    deal = deals.visible(ref, current_user)
    is_operator = current_user.role is Role.PLATFORM
    is_seller = current_user.role is Role.BANK and listings.is_visible(deal.listing, current_user)
    form = forms.CostsForm()
    if form.is_submitted():
        if not is_operator:
            abort(404)
        if not current_user.has(Duty.OFFICER, Duty.APPROVER):
            abort(403)
        if web.submit(
            form,
            lambda: settlement.prepare(deal, form.rows, VatTreatment(form.vat.data), by=current_user, now=web.now()),
        ):
            flash(_("分配方案已编制，待另一位工作人员批准。"), "done")
            return redirect(url_for(".settle", ref=ref))
    row = queries.settlement_of(deal)
    is_ready = deal_service.is_ready_to_settle(deal)
    preview = settlement.plan(deal, [], VatTreatment.GENERAL) if row is None and (is_operator or is_seller) else None
    page = render_template(
        "payments/settle.html", deal=deal, row=row, preview=preview, form=form, is_ready=is_ready,
        payouts=queries.payouts_of(deal) if is_operator or is_seller else [], is_operator=is_operator,
        deposits=settlement.deposits_used(deal, row) if row is not None and (is_operator or is_seller) else [],
        statement=queries.charges(deal), sees_waterfall=is_operator or is_seller, PAID=PayoutState.PAID,
        can_approve=is_operator and row is not None and row.approved_at is None and row.prepared_by_id != current_user.id,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@bp.post("/deals/<ref>/settlement/approve")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def approve_settlement(ref: str) -> Page:
    deal = deals.visible(ref, current_user)
    web.act(lambda: settlement.approve(deal, by=current_user, now=web.now()), _("已批准，划付任务已生成。"))
    return redirect(url_for(".settle", ref=ref))


@bp.post("/deals/<ref>/default")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def declare_default(ref: str) -> Page:
    deal = deals.visible(ref, current_user)
    web.act(lambda: service.declare_default(deal, by=current_user, now=web.now()), _("已认定悔拍，保证金按公告处理。"))
    return redirect(url_for("deals.show", ref=ref))
