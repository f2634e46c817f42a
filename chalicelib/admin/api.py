"""The API as Chalice sees it, to be mounted under `/api`: one handler a path.

What each does, and who may, stands in `routes`; a test holds these decorators against it.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib import http, wiring

api = Blueprint(__name__)
ANY = ["*/*"]


def _serve(path: str, **named: str) -> Any:
    # Imported by the first call: the same Lambda takes the forms, which must not wait for it.
    from chalicelib.admin.serve import serve

    return serve(http.request(api.current_request), wiring.live(), path, **named)


@api.route("/leads", methods=["GET", "POST"], content_types=ANY)
@http.answers
def leads() -> Any:
    """Leads: listed, entered."""
    return _serve("/leads")


@api.route("/leads/{lead}", methods=["GET", "PATCH", "DELETE"], content_types=ANY)
@http.answers
def lead(lead: str) -> Any:
    """One lead: read, edited, erased."""
    return _serve("/leads/{lead}", lead=lead)


@api.route("/leads/{lead}/timeline", methods=["GET"])
@http.answers
def timeline(lead: str) -> Any:
    """Its touches."""
    return _serve("/leads/{lead}/timeline", lead=lead)


@api.route("/leads/{lead}/explain", methods=["GET"])
@http.answers
def explain(lead: str) -> Any:
    """Why it says what it says."""
    return _serve("/leads/{lead}/explain", lead=lead)


@api.route("/leads/{lead}/consent", methods=["GET", "POST"], content_types=ANY)
@http.answers
def consent(lead: str) -> Any:
    """What was agreed to, and a withdrawal."""
    return _serve("/leads/{lead}/consent", lead=lead)


@api.route("/leads/{lead}/merge", methods=["POST"], content_types=ANY)
@http.answers
def merge(lead: str) -> Any:
    """Two leads are one person."""
    return _serve("/leads/{lead}/merge", lead=lead)


@api.route("/leads/{lead}/unmerge", methods=["POST"], content_types=ANY)
@http.answers
def unmerge(lead: str) -> Any:
    """One lead is two people."""
    return _serve("/leads/{lead}/unmerge", lead=lead)


@api.route("/duplicates", methods=["GET"])
@http.answers
def duplicates() -> Any:
    """Pairs to look at."""
    return _serve("/duplicates")


@api.route("/duplicates/dismiss", methods=["POST"], content_types=ANY)
@http.answers
def dismiss() -> Any:
    """Two who are two."""
    return _serve("/duplicates/dismiss")


@api.route("/submissions", methods=["GET"])
@http.answers
def submissions() -> Any:
    """What came in."""
    return _serve("/submissions")


@api.route("/submissions/{receipt}", methods=["GET"])
@http.answers
def submission(receipt: str) -> Any:
    """One submission."""
    return _serve("/submissions/{receipt}", receipt=receipt)


@api.route("/submissions/{receipt}/release", methods=["POST"], content_types=ANY)
@http.answers
def release(receipt: str) -> Any:
    """Let it through."""
    return _serve("/submissions/{receipt}/release", receipt=receipt)


@api.route("/submissions/replay", methods=["POST"], content_types=ANY)
@http.answers
def replay() -> Any:
    """Kept deliveries read again."""
    return _serve("/submissions/replay")


@api.route("/submissions/undo", methods=["POST"], content_types=ANY)
@http.answers
def undo_source() -> Any:
    """Take back everything of a source."""
    return _serve("/submissions/undo")


@api.route("/submissions/undo/{undo}", methods=["GET"])
@http.answers
def source_undo(undo: str) -> Any:
    """How far that is."""
    return _serve("/submissions/undo/{undo}", undo=undo)


@api.route("/imports", methods=["GET", "POST"], content_types=ANY)
@http.answers
def imports() -> Any:
    """Imports: listed, begun."""
    return _serve("/imports")


@api.route("/imports/{import}", methods=["GET"])
@http.answers
def one_import(**named: str) -> Any:
    """One import; Python keeps its parameter's name for itself."""
    return _serve("/imports/{import}", **named)


@api.route("/imports/{import}/errors.csv", methods=["GET"])
@http.answers
def errors_csv(**named: str) -> Any:
    """The rows refused."""
    return _serve("/imports/{import}/errors.csv", **named)


@api.route("/imports/{import}/report.html", methods=["GET"])
@http.answers
def report_html(**named: str) -> Any:
    """The page on what became of it."""
    return _serve("/imports/{import}/report.html", **named)


@api.route("/imports/{import}/commit", methods=["POST"], content_types=ANY)
@http.answers
def commit_import(**named: str) -> Any:
    """Carry out what its dry run planned."""
    return _serve("/imports/{import}/commit", **named)


@api.route("/imports/{import}/cancel", methods=["POST"], content_types=ANY)
@http.answers
def cancel_import(**named: str) -> Any:
    """End it."""
    return _serve("/imports/{import}/cancel", **named)


@api.route("/imports/{import}/pause", methods=["POST"], content_types=ANY)
@http.answers
def pause_import(**named: str) -> Any:
    """Let it rest."""
    return _serve("/imports/{import}/pause", **named)


@api.route("/imports/{import}/resume", methods=["POST"], content_types=ANY)
@http.answers
def resume_import(**named: str) -> Any:
    """Let it go on."""
    return _serve("/imports/{import}/resume", **named)


@api.route("/imports/{import}/undo", methods=["POST"], content_types=ANY)
@http.answers
def undo_import(**named: str) -> Any:
    """Take it back, or give it back."""
    return _serve("/imports/{import}/undo", **named)


@api.route("/forms", methods=["GET"])
@http.answers
def forms() -> Any:
    """The forms."""
    return _serve("/forms")


@api.route("/forms/{form}", methods=["GET", "PUT", "DELETE"], content_types=ANY)
@http.answers
def form(form: str) -> Any:
    """One form's definition."""
    return _serve("/forms/{form}", form=form)


@api.route("/fields", methods=["GET"])
@http.answers
def fields() -> Any:
    """Fields: listed."""
    return _serve("/fields")


@api.route("/fields/{field}", methods=["GET", "PUT", "DELETE"], content_types=ANY)
@http.answers
def field(field: str) -> Any:
    """One field."""
    return _serve("/fields/{field}", field=field)


@api.route("/exports", methods=["GET", "POST"], content_types=ANY)
@http.answers
def exports() -> Any:
    """Exports: listed, asked for."""
    return _serve("/exports")


@api.route("/exports/{export}", methods=["GET", "DELETE"], content_types=ANY)
@http.answers
def export(export: str) -> Any:
    """One export."""
    return _serve("/exports/{export}", export=export)


@api.route("/template.csv", methods=["GET"])
@http.answers
def template_csv() -> Any:
    """A file to fill in."""
    return _serve("/template.csv")


@api.route("/template.xlsx", methods=["GET"])
@http.answers
def template_xlsx() -> Any:
    """A workbook to fill in."""
    return _serve("/template.xlsx")


@api.route("/mappings", methods=["GET"])
@http.answers
def mappings() -> Any:
    """Mappings of files' columns: listed."""
    return _serve("/mappings")


@api.route("/mappings/{mapping}", methods=["GET", "PUT", "DELETE"], content_types=ANY)
@http.answers
def mapping(mapping: str) -> Any:
    """One mapping."""
    return _serve("/mappings/{mapping}", mapping=mapping)


@api.route("/endpoints", methods=["GET"])
@http.answers
def endpoints() -> Any:
    """The endpoints."""
    return _serve("/endpoints")


@api.route("/endpoints/{endpoint}", methods=["GET", "PUT", "DELETE"], content_types=ANY)
@http.answers
def endpoint(endpoint: str) -> Any:
    """One endpoint's definition."""
    return _serve("/endpoints/{endpoint}", endpoint=endpoint)


@api.route("/endpoints/{endpoint}/try", methods=["POST"], content_types=ANY)
@http.answers
def try_endpoint(endpoint: str) -> Any:
    """A delivery tried out."""
    return _serve("/endpoints/{endpoint}/try", endpoint=endpoint)


@api.route("/suppressions", methods=["GET", "POST", "DELETE"], content_types=ANY)
@http.answers
def suppressions() -> Any:
    """Who must not be contacted."""
    return _serve("/suppressions")


@api.route("/leads/{lead}/bundle", methods=["POST"], content_types=ANY)
@http.answers
def bundle_of(lead: str) -> Any:
    """All that is held of one person."""
    return _serve("/leads/{lead}/bundle", lead=lead)


@api.route("/bundles/{bundle}", methods=["GET"])
@http.answers
def bundle(bundle: str) -> Any:
    """One bundle."""
    return _serve("/bundles/{bundle}", bundle=bundle)


@api.route("/purges", methods=["GET", "POST"], content_types=ANY)
@http.answers
def purges() -> Any:
    """Purges: listed, asked for."""
    return _serve("/purges")


@api.route("/purges/{purge}", methods=["GET"])
@http.answers
def purge(purge: str) -> Any:
    """One purge."""
    return _serve("/purges/{purge}", purge=purge)


@api.route("/purges/{purge}/leads", methods=["GET"])
@http.answers
def purge_leads(purge: str) -> Any:
    """Who it is about."""
    return _serve("/purges/{purge}/leads", purge=purge)


@api.route("/purges/{purge}/leads/{lead}", methods=["DELETE"])
@http.answers
def purge_lead(purge: str, lead: str) -> Any:
    """Somebody who stays."""
    return _serve("/purges/{purge}/leads/{lead}", purge=purge, lead=lead)


@api.route("/purges/{purge}/commit", methods=["POST"], content_types=ANY)
@http.answers
def commit_purge(purge: str) -> Any:
    """Carry it out."""
    return _serve("/purges/{purge}/commit", purge=purge)


@api.route("/purges/{purge}/cancel", methods=["POST"], content_types=ANY)
@http.answers
def cancel_purge(purge: str) -> Any:
    """Give it up."""
    return _serve("/purges/{purge}/cancel", purge=purge)


@api.route("/retention", methods=["GET", "PUT"], content_types=ANY)
@http.answers
def retention() -> Any:
    """What is kept for how long."""
    return _serve("/retention")


@api.route("/retention/runs", methods=["GET"])
@http.answers
def retention_runs() -> Any:
    """How far each rule is."""
    return _serve("/retention/runs")


@api.route("/retention/versions", methods=["GET"])
@http.answers
def retention_versions() -> Any:
    """What the rules have been."""
    return _serve("/retention/versions")


@api.route("/retention/rollback", methods=["POST"], content_types=ANY)
@http.answers
def retention_rollback() -> Any:
    """An earlier version again."""
    return _serve("/retention/rollback")


@api.route("/erasures", methods=["GET"])
@http.answers
def erasures() -> Any:
    """Who was erased, by number."""
    return _serve("/erasures")


@api.route("/erasures/{erasure}", methods=["GET"])
@http.answers
def erasure(erasure: str) -> Any:
    """What was done where."""
    return _serve("/erasures/{erasure}", erasure=erasure)


@api.route("/erasures/{erasure}/certificate", methods=["GET"])
@http.answers
def certificate(erasure: str) -> Any:
    """The same as a page."""
    return _serve("/erasures/{erasure}/certificate", erasure=erasure)


@api.route("/keys", methods=["GET", "POST"], content_types=ANY)
@http.answers
def keys() -> Any:
    """The API's keys."""
    return _serve("/keys")


@api.route("/keys/{key}", methods=["GET", "DELETE"], content_types=ANY)
@http.answers
def key(key: str) -> Any:
    """One key: looked at, revoked."""
    return _serve("/keys/{key}", key=key)


@api.route("/access", methods=["GET"])
@http.answers
def access() -> Any:
    """Who saw and changed whose data."""
    return _serve("/access")


@api.route("/stats", methods=["GET"])
@http.answers
def stats() -> Any:
    """Figures by day."""
    return _serve("/stats")


@api.route("/audit", methods=["GET"])
@http.answers
def audit() -> Any:
    """What the self-audit found."""
    return _serve("/audit")


@api.route("/verify/repair", methods=["POST"], content_types=ANY)
@http.answers
def repair() -> Any:
    """Fold again what is wrong."""
    return _serve("/verify/repair")


@api.route("/verify", methods=["GET"])
@http.answers
def verify() -> Any:
    """Whether the store balances."""
    return _serve("/verify")


@api.route("/keys/{key}/rotate", methods=["POST"], content_types=ANY)
@http.answers
def rotate_key(key: str) -> Any:
    """A new secret in the place of an old one."""
    return _serve("/keys/{key}/rotate", key=key)


def _versioned(place: str, parameter: str) -> None:
    """What every kind of configuration has beside its documents: versions, and a way back."""

    def versions(**named: str) -> Any:
        return _serve(f"/{place}/{{{parameter}}}/versions", **named)

    def rollback(**named: str) -> Any:
        return _serve(f"/{place}/{{{parameter}}}/rollback", **named)

    path = f"/{place}/{{{parameter}}}"
    api.route(f"{path}/versions", methods=["GET"])(http.answers(versions))
    api.route(f"{path}/rollback", methods=["POST"], content_types=ANY)(http.answers(rollback))


for _place, _parameter in (
    ("forms", "form"),
    ("fields", "field"),
    ("mappings", "mapping"),
    ("endpoints", "endpoint"),
    ("segments", "segment"),
    ("campaigns", "campaign"),
):
    _versioned(_place, _parameter)


def _plain(path: str, *methods: str) -> None:
    """A path that needs nothing but to be passed on."""

    def view(**named: str) -> Any:
        return _serve(path, **named)

    api.route(path, methods=list(methods), content_types=ANY)(http.answers(view))


for _path, *_methods in (
    ("/stages", "GET", "PUT"),
    ("/stages/versions", "GET"),
    ("/stages/rollback", "POST"),
    ("/opportunities", "GET", "POST"),
    ("/opportunities/{opportunity}", "GET", "PATCH", "DELETE"),
    ("/leads/{lead}/convert", "POST"),
    ("/forecast", "GET"),
    ("/leads/{lead}/activities", "POST"),
    ("/campaigns", "GET"),
    ("/campaigns/{campaign}", "GET", "PUT", "DELETE"),
    ("/campaigns/{campaign}/leads", "GET"),
    ("/campaigns/{campaign}/touches", "GET"),
    ("/accounts", "GET", "POST"),
    ("/accounts/{account}", "GET", "PATCH", "DELETE"),
    ("/accounts/{account}/merge", "POST"),
    ("/accounts/{account}/unmerge", "POST"),
    ("/accounts/{account}/leads", "GET"),
    ("/accounts/{account}/leads/{lead}", "PUT"),
    ("/segments", "GET"),
    ("/segments/{segment}", "GET", "PUT", "DELETE"),
):
    _plain(_path, *_methods)
