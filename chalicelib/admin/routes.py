"""Every route of the API in one table: its method, path, view, who may, and what is documented.

`serve` answers by it, `openapi` describes it, and tests hold the Blueprint against it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.admin import (
    access,
    accounts,
    activities,
    bundles,
    consenting,
    converting,
    duplicates,
    editing,
    erasures,
    exports,
    forecasting,
    imports,
    keys,
    leads,
    opportunities,
    purges,
    repairing,
    replaying,
    stats,
    submissions,
    suppressions,
    trying,
    undoing,
)
from chalicelib.admin.auth import (
    ADMIN,
    BRINGERS,
    EDITORS,
    EVERYBODY_WITH_A_KEY,
    READERS,
)
from chalicelib.admin.call import Call
from chalicelib.admin.campaigns import CAMPAIGNS, campaign_leads, campaign_touches
from chalicelib.admin.configuration import ENDPOINTS, FIELDS, FORMS, MAPPINGS, Configured
from chalicelib.admin.retention import RETENTION, list_runs
from chalicelib.admin.segments import SEGMENTS
from chalicelib.admin.stages import STAGES
from chalicelib.model import Response

# Routes that belong to another part than their first word says.
_PART_OF = {"duplicates": "leads", "template.csv": "imports", "template.xlsx": "imports"}

View = Callable[[Call], Response | dict[str, Any]]

PAGED = ("limit", "cursor")
NARROWED = ("created_from", "created_to", *leads.NARROWING)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path under `/api`.

    `answers` maps the status of each success to the schema of its body (none: no body), `body`
    names the request's, `problems` are statuses that not every route of its kind has.
    """

    method: str
    path: str
    view: View
    roles: frozenset[str]
    answers: Mapping[int, str] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    body: str = ""
    headers: tuple[str, ...] = ()
    problems: tuple[int, ...] = ()

    @property
    def scope(self) -> str:
        """The part of the API that it belongs to, for keys that are good for some parts only."""
        part = self.path.split("/")[1]
        return _PART_OF.get(part, part)

    @property
    def summary(self) -> str:
        """What it does: the first line of its view's docstring."""
        return str(self.view.__doc__).partition("\n")[0]


def _versioned(
    place: str,
    kind: Configured,
    readers: frozenset[str],
    writers: frozenset[str],
    schema: str,
) -> tuple[Route, Route]:
    """What every kind of configuration has beside its documents: versions, and a way back."""
    path = f"/{place}/{{{kind.parameter}}}"
    return (
        Route("GET", f"{path}/versions", kind.versions, readers, {200: f"{schema}VersionList"}, query=PAGED),
        Route(
            "POST", f"{path}/rollback", kind.rollback, writers, {200: schema, 201: schema},
            body="Rollback", headers=("If-Match",), problems=(409, 412),
        ),
    )  # fmt: skip


ROUTES = (
    # --- leads
    Route(
        "GET", "/leads", leads.list_leads, READERS, {200: "LeadList"},
        query=("segment", *leads.LEADING, *NARROWED, *PAGED),
    ),
    Route(
        "POST", "/leads", leads.create_lead, BRINGERS, {200: "Outcome", 201: "Outcome"},
        body="Entry", headers=("Idempotency-Key",),
    ),
    Route("GET", "/leads/{lead}", leads.get_lead, READERS, {200: "Lead"}),
    Route(
        "PATCH", "/leads/{lead}", editing.edit_lead, EDITORS, {200: "Lead"},
        body="Edit", headers=("If-Match", "Idempotency-Key"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/leads/{lead}", editing.erase_lead, ADMIN, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route(
        "GET", "/leads/{lead}/timeline", leads.timeline, READERS, {200: "SubmissionList"},
        query=("order", *PAGED),
    ),
    Route("GET", "/leads/{lead}/consent", consenting.get_consent, READERS, {200: "Consent"}),
    Route(
        "POST", "/leads/{lead}/consent", consenting.note_consent, EDITORS, {200: "Consent"},
        body="ConsentWord", headers=("Idempotency-Key",), problems=(409,),
    ),
    Route("GET", "/leads/{lead}/explain", leads.explain, READERS, {200: "Explanation"}),
    Route(
        "POST", "/leads/{lead}/merge", leads.merge, EDITORS, {200: "Lead"},
        body="Merge", headers=("If-Match",), problems=(409, 412),
    ),
    Route(
        "POST", "/leads/{lead}/unmerge", leads.unmerge, EDITORS, {200: "Leads"},
        body="Unmerge", headers=("If-Match",), problems=(409, 412),
    ),
    Route(
        "GET", "/duplicates", duplicates.duplicates, READERS, {200: "DuplicateList"},
        query=("lead", *PAGED),
    ),
    Route(
        "POST", "/duplicates/dismiss", duplicates.dismiss, EDITORS, {204: ""},
        body="Dismissal", problems=(409,),
    ),
    # --- submissions
    Route(
        "GET", "/submissions", submissions.list_submissions, READERS, {200: "SubmissionList"},
        query=("fate", "door", "from", "to", *PAGED),
    ),
    Route(
        "GET", "/submissions/{receipt}", submissions.get_submission, READERS, {200: "Submission"}
    ),
    Route(
        "POST", "/submissions/{receipt}/release", submissions.release, EDITORS, {200: "Outcome"},
        problems=(409,),
    ),
    Route(
        "POST", "/submissions/replay", replaying.replay, ADMIN, {200: "Replay"}, body="NewReplay"
    ),
    Route(
        "POST", "/submissions/undo", undoing.undo_source, EDITORS, {202: "SourceUndo"},
        body="UndoSource", headers=("Idempotency-Key",), problems=(404, 409),
    ),
    Route(
        "GET", "/submissions/undo/{undo}", undoing.get_source_undo, READERS, {200: "SourceUndo"}
    ),
    # --- imports
    Route(
        "GET", "/imports", imports.list_imports, EVERYBODY_WITH_A_KEY, {200: "ImportList"},
        query=("key", "run", *PAGED),
    ),
    Route(
        "POST", "/imports", imports.create_import, BRINGERS, {201: "Upload"}, body="NewImport",
        headers=("Idempotency-Key",), problems=(409,),
    ),
    Route("GET", "/imports/{import}", imports.get_import, EVERYBODY_WITH_A_KEY, {200: "Import"}),
    Route("GET", "/imports/{import}/errors.csv", imports.errors_csv, EDITORS, {303: ""}),
    Route("GET", "/imports/{import}/report.html", imports.report_html, EDITORS, {303: ""}),
    Route(
        "POST", "/imports/{import}/commit", undoing.commit_import, EDITORS, {202: "Import"},
        problems=(409,),
    ),
    Route(
        "POST", "/imports/{import}/cancel", undoing.cancel_import, EDITORS, {202: "Import"},
        problems=(409,),
    ),
    Route(
        "POST", "/imports/{import}/pause", undoing.pause_import, EDITORS, {202: "Import"},
        problems=(409,),
    ),
    Route(
        "POST", "/imports/{import}/resume", undoing.resume_import, EDITORS, {202: "Import"},
        problems=(409,),
    ),
    Route(
        "POST", "/imports/{import}/undo", undoing.undo_import, EDITORS, {202: "Import"},
        body="Undo", problems=(409,),
    ),
    # --- out again
    Route("GET", "/exports", exports.list_exports, EDITORS, {200: "ExportList"}, query=PAGED),
    Route(
        "POST", "/exports", exports.create_export, EDITORS, {202: "Export"}, body="NewExport",
        headers=("Idempotency-Key",),
    ),
    Route("GET", "/exports/{export}", exports.get_export, EDITORS, {200: "Export"}),
    Route("DELETE", "/exports/{export}", exports.delete_export, EDITORS, {204: ""}),
    Route(
        "GET", "/template.csv", exports.template_csv, EVERYBODY_WITH_A_KEY, {200: "csv"},
        query=("language",),
    ),
    Route(
        "GET", "/template.xlsx", exports.template_xlsx, EVERYBODY_WITH_A_KEY, {303: ""},
        query=("language",),
    ),
    # --- configuration; an endpoint's id may be all that keeps strangers out: nobody reads it
    Route("GET", "/forms", FORMS.list, READERS, {200: "FormList"}, query=PAGED),
    Route("GET", "/forms/{form}", FORMS.get, READERS, {200: "Form"}, query=("version",)),
    Route(
        "PUT", "/forms/{form}", FORMS.put, EDITORS, {200: "Form", 201: "Form"},
        body="Form", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/forms/{form}", FORMS.delete, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route("GET", "/fields", FIELDS.list, READERS, {200: "FieldList"}, query=PAGED),
    Route("GET", "/fields/{field}", FIELDS.get, READERS, {200: "Field"}, query=("version",)),
    Route(
        "PUT", "/fields/{field}", FIELDS.put, EDITORS, {200: "Field", 201: "Field"},
        body="NewField", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/fields/{field}", FIELDS.delete, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route("GET", "/mappings", MAPPINGS.list, READERS, {200: "MappingList"}, query=PAGED),
    Route(
        "GET", "/mappings/{mapping}", MAPPINGS.get, READERS, {200: "Mapping"}, query=("version",)
    ),
    Route(
        "PUT", "/mappings/{mapping}", MAPPINGS.put, EDITORS, {200: "Mapping", 201: "Mapping"},
        body="NewMapping", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/mappings/{mapping}", MAPPINGS.delete, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route("GET", "/endpoints", ENDPOINTS.list, ADMIN, {200: "EndpointList"}, query=PAGED),
    Route(
        "GET", "/endpoints/{endpoint}", ENDPOINTS.get, ADMIN, {200: "Endpoint"},
        query=("version",),
    ),
    Route(
        "PUT", "/endpoints/{endpoint}", ENDPOINTS.put, ADMIN, {200: "Endpoint", 201: "Endpoint"},
        body="Endpoint", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/endpoints/{endpoint}", ENDPOINTS.delete, ADMIN, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route(
        "POST", "/endpoints/{endpoint}/try", trying.try_endpoint, ADMIN, {200: "Trial"},
        body="NewTrial", problems=(409,),
    ),
    *_versioned("forms", FORMS, READERS, EDITORS, "Form"),
    *_versioned("fields", FIELDS, READERS, EDITORS, "Field"),
    *_versioned("mappings", MAPPINGS, READERS, EDITORS, "Mapping"),
    *_versioned("endpoints", ENDPOINTS, ADMIN, ADMIN, "Endpoint"),
    # --- what sells
    Route(
        "GET", "/stages", STAGES.get, READERS, {200: "Stages"}, query=("version",), problems=(404,)
    ),
    Route(
        "PUT", "/stages", STAGES.put, EDITORS, {200: "Stages", 201: "Stages"},
        body="NewStages", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route("GET", "/stages/versions", STAGES.versions, READERS, {200: "StagesVersionList"}, query=PAGED, problems=(404,)),
    Route(
        "POST", "/stages/rollback", STAGES.rollback, EDITORS, {200: "Stages", 201: "Stages"},
        body="Rollback", headers=("If-Match",), problems=(404, 409, 412),
    ),
    Route(
        "GET", "/opportunities", opportunities.list_opportunities, READERS,
        {200: "OpportunityList"}, query=(*opportunities.FILTERS, *PAGED),
    ),
    Route(
        "POST", "/opportunities", opportunities.create_opportunity, EDITORS,
        {200: "Opportunity", 201: "Opportunity"}, body="NewOpportunity",
        headers=("Idempotency-Key",), problems=(404,),
    ),
    Route(
        "GET", "/opportunities/{opportunity}", opportunities.get_opportunity, READERS,
        {200: "Opportunity"},
    ),
    Route(
        "PATCH", "/opportunities/{opportunity}", opportunities.edit_opportunity, EDITORS,
        {200: "Opportunity"}, body="NewOpportunity", headers=("If-Match",), problems=(412,),
    ),
    Route(
        "DELETE", "/opportunities/{opportunity}", opportunities.delete_opportunity, EDITORS,
        {204: ""}, headers=("If-Match",), problems=(412,),
    ),
    Route(
        "POST", "/leads/{lead}/convert", converting.convert, EDITORS,
        {200: "Conversion", 201: "Conversion"}, body="NewConversion",
        headers=("Idempotency-Key",), problems=(409,),
    ),
    Route(
        "GET", "/forecast", forecasting.forecast, READERS, {200: "Forecast"},
        query=forecasting.RANGE,
    ),
    # --- accounts
    Route(
        "GET", "/accounts", accounts.list_accounts, READERS, {200: "AccountList"},
        query=(*accounts.FILTERS, *PAGED),
    ),
    Route(
        "POST", "/accounts", accounts.create_account, EDITORS, {200: "Account", 201: "Account"},
        body="NewAccount", headers=("Idempotency-Key",), problems=(409,),
    ),
    Route("GET", "/accounts/{account}", accounts.get_account, READERS, {200: "Account"}),
    Route(
        "PATCH", "/accounts/{account}", accounts.edit_account, EDITORS, {200: "Account"},
        body="AccountEdit", headers=("If-Match", "Idempotency-Key"), problems=(412,),
    ),
    Route(
        "DELETE", "/accounts/{account}", accounts.delete_account, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    Route(
        "POST", "/accounts/{account}/merge", accounts.merge, EDITORS, {200: "Account"},
        body="AccountMerge", problems=(409, 412),
    ),
    Route(
        "POST", "/accounts/{account}/unmerge", accounts.unmerge, EDITORS, {200: "Account"},
        body="AccountUnmerge", problems=(409, 412),
    ),
    Route(
        "GET", "/accounts/{account}/leads", accounts.list_contacts, READERS, {200: "LeadList"},
        query=("created_from", "created_to", *PAGED),
    ),
    Route(
        "PUT", "/accounts/{account}/leads/{lead}", accounts.say_role, EDITORS, {200: "Lead"},
        body="AccountRole", headers=("Idempotency-Key",), problems=(409,),
    ),
    Route("GET", "/segments", SEGMENTS.list, READERS, {200: "SegmentList"}, query=PAGED),
    Route(
        "GET", "/segments/{segment}", SEGMENTS.get, READERS, {200: "Segment"}, query=("version",)
    ),
    Route(
        "PUT", "/segments/{segment}", SEGMENTS.put, EDITORS, {200: "Segment", 201: "Segment"},
        body="NewSegment", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/segments/{segment}", SEGMENTS.delete, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    *_versioned("segments", SEGMENTS, READERS, EDITORS, "Segment"),
    Route(
        "POST", "/leads/{lead}/activities", activities.note_activity, EDITORS,
        {200: "Outcome", 201: "Outcome"}, body="NewActivity", headers=("Idempotency-Key",),
    ),
    Route("GET", "/campaigns", CAMPAIGNS.list, READERS, {200: "CampaignList"}, query=PAGED),
    Route(
        "GET", "/campaigns/{campaign}", CAMPAIGNS.get, READERS, {200: "Campaign"},
        query=("version",),
    ),
    Route(
        "PUT", "/campaigns/{campaign}", CAMPAIGNS.put, EDITORS, {200: "Campaign", 201: "Campaign"},
        body="NewCampaign", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route(
        "DELETE", "/campaigns/{campaign}", CAMPAIGNS.delete, EDITORS, {204: ""},
        headers=("If-Match",), problems=(409, 412),
    ),
    *_versioned("campaigns", CAMPAIGNS, READERS, EDITORS, "Campaign"),
    Route(
        "GET", "/campaigns/{campaign}/leads", campaign_leads, READERS, {200: "LeadList"},
        query=PAGED,
    ),
    Route(
        "GET", "/campaigns/{campaign}/touches", campaign_touches, READERS,
        {200: "SubmissionList"}, query=PAGED,
    ),
    # --- suppressions
    Route(
        "GET", "/suppressions", suppressions.list_suppressions, READERS,
        {200: "SuppressionList"}, query=("email", "phone", "reason", *PAGED),
    ),
    Route(
        "POST", "/suppressions", suppressions.suppress, EDITORS,
        {200: "Suppression", 201: "Suppression"}, body="NewSuppression",
    ),
    Route(
        "DELETE", "/suppressions", suppressions.lift, ADMIN, {204: ""},
        query=suppressions.PARTS, problems=(400, 404, 409, 413),
    ),
    # --- what the law asks for
    Route(
        "POST", "/leads/{lead}/bundle", bundles.create_bundle, ADMIN, {202: "Bundle"},
        body="NewBundle", headers=("Idempotency-Key",),
    ),
    Route("GET", "/bundles/{bundle}", bundles.get_bundle, ADMIN, {200: "Bundle"}),
    Route("GET", "/purges", purges.list_purges, ADMIN, {200: "PurgeList"}, query=PAGED),
    Route(
        "POST", "/purges", purges.create_purge, ADMIN, {202: "Purge"}, body="NewPurge",
        headers=("Idempotency-Key",),
    ),
    Route("GET", "/purges/{purge}", purges.get_purge, ADMIN, {200: "Purge"}),
    Route(
        "GET", "/purges/{purge}/leads", purges.list_purge_leads, ADMIN, {200: "PurgedLeadList"},
        query=PAGED,
    ),
    Route(
        "DELETE", "/purges/{purge}/leads/{lead}", purges.keep_lead, ADMIN, {204: ""},
        problems=(409,),
    ),
    Route(
        "POST", "/purges/{purge}/commit", purges.commit_purge, ADMIN, {202: "Purge"},
        problems=(409,),
    ),
    Route(
        "POST", "/purges/{purge}/cancel", purges.cancel_purge, ADMIN, {202: "Purge"},
        problems=(409,),
    ),
    Route(
        "GET", "/retention", RETENTION.get, ADMIN, {200: "Retention"},
        query=("version",), problems=(404,),
    ),
    Route(
        "PUT", "/retention", RETENTION.put, ADMIN, {200: "Retention", 201: "Retention"},
        body="Retention", headers=("If-Match", "If-None-Match"), problems=(409, 412),
    ),
    Route("GET", "/retention/runs", list_runs, ADMIN, {200: "RetentionRuns"}),
    Route(
        "GET", "/retention/versions", RETENTION.versions, ADMIN, {200: "RetentionVersionList"},
        query=PAGED, problems=(404,),
    ),
    Route(
        "POST", "/retention/rollback", RETENTION.rollback, ADMIN,
        {200: "Retention", 201: "Retention"}, body="Rollback", headers=("If-Match",),
        problems=(404, 409, 412),
    ),
    Route("GET", "/erasures", erasures.list_erasures, ADMIN, {200: "ErasureList"}, query=PAGED),
    Route("GET", "/erasures/{erasure}", erasures.get_erasure, ADMIN, {200: "Erasure"}),
    Route(
        "GET", "/erasures/{erasure}/certificate", erasures.get_certificate, ADMIN, {200: "html"},
        query=("language",),
    ),
    # --- administration
    Route("GET", "/keys", keys.list_keys, ADMIN, {200: "KeyList"}, query=PAGED),
    Route("POST", "/keys", keys.create_key, ADMIN, {201: "NewKey"}, body="KeyRequest"),
    Route("GET", "/keys/{key}", keys.get_key, ADMIN, {200: "Key"}),
    Route("DELETE", "/keys/{key}", keys.revoke_key, ADMIN, {204: ""}, problems=(409,)),
    Route(
        "POST", "/keys/{key}/rotate", keys.rotate_key, ADMIN, {201: "NewKey"},
        body="Rotation", problems=(409,),
    ),
    Route(
        "GET", "/access", access.list_access, ADMIN, {200: "AccessList"},
        query=("from", "to", "key", "lead", *PAGED),
    ),
    Route("GET", "/stats", stats.get_stats, READERS, {200: "Stats"}, query=("from", "to")),
    Route("GET", "/audit", stats.get_audit, ADMIN, {200: "Audit"}),
    Route(
        "POST", "/verify/repair", repairing.repair, ADMIN, {200: "Mending"},
        body="NewMending", problems=(409,),
    ),
    Route("GET", "/verify", keys.verify, ADMIN, {200: "Verification"}),
)  # fmt: skip

BY_PLACE = {(route.method, route.path): route for route in ROUTES}
