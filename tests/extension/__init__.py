"""An example of a package that adds a task and a metric, and the tests that install it.

`hpweb_grading` and its `dist-info` lie here as an installer would lay them into site-packages.
"""
