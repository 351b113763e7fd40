"""A year of an office, lived through day by day, beside a slow judge who knows the rules and none of the code.

`life.py`, `plans.py` and `visitors.py` make up what happens, `stories.py` tells what happens for certain, and
`simulation.py` does it to the real application. `asked.py`, `planned.py`, `people.py` and `calls.py` tell the judge of
it, and `rules.py` is the judge. `record.py` reads nothing but the audit log, and has to come to the same. None of them
looks at how the application decides: they follow what the design and the README promise, in the plainest way.
"""
