"""The table of a sweep's trials: its columns, filters over them, orders, pages."""
