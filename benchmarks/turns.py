"""Tasks that take turns, so that what a machine does besides meets all of them."""


def take_turns(tasks, rounds):
    """``{name: [what tasks[name]() returned in each round]}``; every round begins one later."""
    found, names = {name: [] for name in tasks}, list(tasks)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(tasks[name]())
    return found
