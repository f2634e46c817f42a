"""How hypothesis runs here: by examples, not by clocks, so that a busy machine fails nothing."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")
