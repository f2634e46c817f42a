"""Inlet's Lambda entry points: a table of contents."""

import gc
from typing import Any

from chalice.app import Chalice, Rate

from chalicelib import http, queues, wiring
from chalicelib.admin.api import api
from chalicelib.doors import front

# What a start allocates stays: collecting it again and again would be a tenth of the start.
gc.set_threshold(50_000, 20, 20)

ANY = ["*/*"]
# The template puts the real queues in the place of these; see infra/template.yaml.
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"

app = Chalice(app_name="inlet", configure_logs=False)
# Nothing else may be binary: a JSON caller without an Accept header would be told it failed.
app.api.binary_types.append("multipart/form-data")
app.register_blueprint(api, url_prefix="/api")
http.CURRENT = lambda: app.current_request


@app.route("/", methods=["GET"])
@http.answers
def index() -> Any:
    """What there is here."""
    return front.index(wiring.live(), http.request(app.current_request))


@app.route("/health", methods=["GET"])
@http.answers
def health() -> Any:
    """Whether the table answers."""
    return front.health(wiring.live())


@app.route("/openapi.json", methods=["GET"])
@http.answers
def openapi() -> Any:
    """The description of every route."""
    return front.openapi(wiring.live())


@app.route("/docs", methods=["GET"])
@http.answers
def docs() -> Any:
    """The same description as a page."""
    return front.docs(wiring.live())


@app.route("/console", methods=["GET"])
@http.answers
def console() -> Any:
    """The console: the overview."""
    return front.console(wiring.live(), http.request(app.current_request))


@app.route("/console/{page}", methods=["GET", "POST"], content_types=ANY)
@http.answers
def console_page(page: str) -> Any:
    """A page of the console."""
    return front.console(wiring.live(), http.request(app.current_request), page)


@app.route("/console/{page}/{name}", methods=["GET", "POST"], content_types=ANY)
@http.answers
def console_thing(page: str, name: str) -> Any:
    """One thing on a page of the console."""
    return front.console(wiring.live(), http.request(app.current_request), page, name)


@app.route("/console/{page}/{name}/{action}", methods=["GET", "POST"], content_types=ANY)
@http.answers
def console_action(page: str, name: str, action: str) -> Any:
    """What is done with it."""
    return front.console(wiring.live(), http.request(app.current_request), page, name, action)


@app.route("/forms/{form}", methods=["GET", "POST", "OPTIONS"], content_types=ANY)
@http.answers
def form_door(form: str) -> Any:
    """One form: its page, its posts, its preflight."""
    return front.form(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/token", methods=["GET", "OPTIONS"])
@http.answers
def form_token(form: str) -> Any:
    """A fresh form token and challenge."""
    return front.form_token(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/uploads", methods=["POST", "OPTIONS"], content_types=ANY)
@http.answers
def form_uploads(form: str) -> Any:
    """Leave to upload a file that a post will carry."""
    return front.form_uploads(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/embed.js", methods=["GET"])
@http.answers
def form_embed(form: str) -> Any:
    """The script that puts a form on any page."""
    return front.form_embed(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/thanks", methods=["GET"])
@http.answers
def form_thanks(form: str) -> Any:
    """The page after a post."""
    return front.form_thanks(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/confirm", methods=["GET", "POST"], content_types=ANY)
@http.answers
def form_confirm(form: str) -> Any:
    """The link that confirms an opt-in."""
    return front.form_confirm(wiring.live(), form, http.request(app.current_request))


@app.route("/forms/{form}/unsubscribe", methods=["GET", "POST"], content_types=ANY)
@http.answers
def form_unsubscribe(form: str) -> Any:
    """The link that takes somebody off every mailing."""
    return front.form_unsubscribe(wiring.live(), form, http.request(app.current_request))


@app.route("/webhooks/{provider}/{endpoint}", methods=["GET", "HEAD", "POST"], content_types=ANY)
@http.answers
def webhook_door(provider: str, endpoint: str) -> Any:
    """One endpoint: a provider's deliveries and probes."""
    return front.webhook(wiring.live(), provider, endpoint, http.request(app.current_request))


@app.on_sqs_message(queue_arn=QUEUE + "objects", batch_size=1)
def split(event: Any) -> Any:
    """An object landed in the inbox: split it into chunks."""
    return queues.each(event, queues.split(wiring.live(), event))


@app.on_sqs_message(queue_arn=QUEUE + "chunks", batch_size=1, maximum_concurrency=8)
def work(event: Any) -> Any:
    """A chunk of an import: let its rows down the road."""
    return queues.each(event, queues.work(wiring.live()))


@app.on_sqs_message(queue_arn=QUEUE + "spill", batch_size=10, maximum_concurrency=2)
def replay(event: Any) -> Any:
    """Submissions that the table could not take: let them in now."""
    return queues.each(event, queues.replay(wiring.live()))


@app.on_sqs_message(queue_arn=QUEUE + "lookups", batch_size=1, maximum_concurrency=2)
def look_up(event: Any) -> Any:
    """Mail domains that nobody knows yet: ask the DNS, off every path."""
    return queues.each(event, queues.look_up(wiring.live()))


@app.on_sqs_message(queue_arn=QUEUE + "mail", batch_size=1, maximum_concurrency=2)
def mail(event: Any) -> Any:
    """Mails that are due about a form's submissions."""
    return queues.each(event, queues.mail(wiring.live()))


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: Any) -> Any:  # noqa: ARG001 - the schedule says nothing
    """Finish what was left unfinished."""
    return queues.sweep(wiring.live())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def count(event: Any) -> Any:
    """Count what came in by the day, and audit a slice."""
    return queues.count(wiring.live(), event)
