"""The auditor: every promise of the design that the database and the artifact store can show."""

from sweeps.queries.audit.finding import Finding
from sweeps.queries.audit.whole import audit, audit_sweep

__all__ = ["Finding", "audit", "audit_sweep"]
