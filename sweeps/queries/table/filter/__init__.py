"""Filters of trials: a small language, read (`parse`) and turned into a query (`compile`).

    or      = and, {"or", and}
    and     = not, {"and", not}
    not     = "not", not | "(", or, ")" | condition
    condition = name, [("=" | "!=" | "<" | "<=" | ">" | ">="), value
              | ["not"], "contains", value
              | ["not"], "in", (item | "(", item, {",", item}, ")")]
    item    = value | number, "..", number
    value   = number, [unit] | word | "quoted"

A name alone is true where that column is. Names with blanks stand in `backticks`. Nothing is ever equal to, below or above
what is missing, and `x = none` finds it.
"""
