"""One module per service, named as in `SweepSpec.report_to`; each has `make(sweep)`."""
