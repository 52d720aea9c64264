"""What English hides and French must say, each option with its probability."""

from typing import NamedTuple


class Person(NamedTuple):
    """How French sees someone; ``slot`` counts je tu il nous vous ils from 0."""

    slot: int
    gender: str
    plural: bool


# Who a pronoun may be. The probabilities are this project's, stated in the data card.
PRONOUNS = {
    "I": ((Person(0, "m", False), 0.5), (Person(0, "f", False), 0.5)),
    "you": (
        (Person(1, "m", False), 0.3),
        (Person(1, "f", False), 0.3),
        (Person(4, "m", False), 0.08),
        (Person(4, "f", False), 0.08),
        (Person(4, "m", True), 0.16),
        (Person(4, "f", True), 0.08),
    ),
    "he": ((Person(2, "m", False), 1.0),),
    "she": ((Person(2, "f", False), 1.0),),
    "we": ((Person(3, "m", True), 0.7), (Person(3, "f", True), 0.3)),
    "they": ((Person(5, "m", True), 0.7), (Person(5, "f", True), 0.3)),
}


class Choices:
    """Answers ``choose`` calls from a script, then with each first option, and keeps record.

    ``made``: ``{referent: (kind, option)}``; the same referent always gets the same answer.
    ``probability``: the product over the options taken.
    """

    def __init__(self, script=()):
        self.script, self.made, self.probability = list(script), {}, 1.0
        self.widths = []

    def choose(self, referent, kind, options):
        if referent not in self.made:
            if len(self.widths) == len(self.script):
                self.script.append(0)
            option, probability = options[self.script[len(self.widths)]]
            self.widths.append(len(options))
            self.made[referent] = kind, option
            self.probability *= probability
        return self.made[referent][1]


def outcomes(render):
    """Yield ``(choices, render(choices))`` for every way to answer the questions that it asks."""
    script = []
    while True:
        choices = Choices(script)
        yield choices, render(choices)
        script = choices.script
        while script and script[-1] + 1 == choices.widths[len(script) - 1]:
            script.pop()
        if not script:
            return
        script[-1] += 1
