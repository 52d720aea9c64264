"""The rooms of the package and what each imports: python -m tools.rooms [PACKAGE]

Prints a line a room, in their order (docs/architecture.md says why it is this one), and then a
line for each offence, which names the file; with one, the exit code is 1. An offence is an import
of a room that comes later, wherever in a file it stands, a circle of files, MXNet imported when a
file of the hall is loaded, a file or folder too large. A name that the package hands on, as in
``from .. import Translator``, counts as an import of the file that defines it.
"""

import ast
import sys
from collections import Counter
from pathlib import Path

HALL = "hall"  # the files beside the rooms
ORDER = [HALL, "files", "settings", "text", "semantics", "corpus", "model", "plots", "translation"]
ORDER += ["training", "serving", "export", "teaching", "cli"]
SLOW = {"mxnet", "gluonnlp", "d2l"}
LINES, FILES = 320, 12
PACKAGE = Path(__file__).parents[1] / "gluon_seq2seq"


def main(package=PACKAGE):
    """Print the rooms of ``package``, a folder, and its offences; returns the exit code."""
    package = Path(package)
    files = {str(path.relative_to(package)): path for path in sorted(package.rglob("*.py"))}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in files.items()}
    graph = {name: list(imports(name, trees)) for name in files}
    for room, count in sorted(Counter(map(room_of, files)).items(), key=lambda r: place(r[0])):
        others = {room_of(to) for name in files if room_of(name) == room for to, _ in graph[name]}
        print(f"{room:<12} {count:>2} files; imports", *sorted(others - {room}, key=place))
    offences = [*of_files(files, trees), *of_imports(graph), *circles(graph)]
    for offence in offences:
        print(offence, file=sys.stderr)
    return int(bool(offences))


def of_files(files, trees):
    """A line for each file or folder that is too large, has no place, or loads MXNet."""
    for name, path in files.items():
        length = len(path.read_text("utf-8").splitlines())
        if length > LINES:
            yield f"{name}: {length} lines, at most {LINES}: one concept a file"
        if room_of(name) not in ORDER:
            yield f"{name}: give its room a place in the ORDER of tools/rooms.py"
        for node in trees[name].body if room_of(name) == HALL else ():
            if SLOW & {what.partition(".")[0] for what in absolute(node)}:
                yield f"{name}, line {node.lineno}: the hall is loaded without MXNet"
    for folder, count in Counter(path.parent for path in files.values()).items():
        if count > FILES:
            yield f"{folder.name}: {count} files, at most {FILES}"


def of_imports(graph):
    """A line for each import of a room that comes later."""
    for name, found in graph.items():
        for to, line in found:
            if place(room_of(to)) > place(room_of(name)):
                yield f"{name}, line {line}: imports {to}, of a room that comes later"


def circles(graph):
    """A line for each circle of files in a room; one through several has an import of a later one.

    Once one is found, its files are not looked at again.
    """
    done = set()

    def follow(name, trail):
        if name in trail:
            yield " -> ".join([*trail[trail.index(name) :], name]) + ": a circle"
        elif name not in done:
            for to in sorted({to for to, _ in graph[name] if room_of(to) == room_of(name)}):
                yield from follow(to, [*trail, name])
            done.add(name)

    for name in graph:
        yield from follow(name, [])


def imports(name, trees):
    """``(file, line)`` of every import of the package's own files in the file ``name``."""
    home = homes(trees)
    for node in ast.walk(trees[name]):
        for what in own(node, name):
            what = home.get(what, what)
            to = file_of(what, trees) or file_of(what[:-1], trees)
            if to not in (None, name, "__init__.py"):
                yield to, node.lineno


def own(node, name):
    """What an import in the file ``name`` takes of the package, each as parts of a path."""
    if isinstance(node, ast.ImportFrom) and node.level:
        base = (*Path(name).parts[: -node.level], *(node.module or "").split("."))
        return [(*filter(None, base), alias.name) for alias in node.names]
    paths = [what.split(".") for what in absolute(node)]
    if isinstance(node, ast.ImportFrom):
        paths = [[*path, alias.name] for path in paths for alias in node.names]
    return [tuple(path[1:]) for path in paths if path[0] == PACKAGE.name]


def absolute(node):
    """The modules that an import statement names from the top."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []


def homes(trees):
    """Where the names live that the package hands on: ``{(name,): parts}``, of its ``_HOME``."""
    for node in trees["__init__.py"].body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_HOME":
            found = ast.literal_eval(node.value).items()
            return {(name,): (*module.split("."), name) for name, module in found}
    return {}


def file_of(parts, trees):
    """The file of a module, or None where ``parts`` is none."""
    for name in ("/".join(parts) + ".py", "/".join((*parts, "__init__.py"))):
        if name in trees:
            return name
    return None


def room_of(name):
    """The room of a file: its folder in the package, or the hall; ``__main__`` belongs to cli."""
    if name == "__main__.py":
        return "cli"
    return Path(name).parts[0] if "/" in name else HALL


def place(room):
    """Where a room stands in the order; an unknown one at its end."""
    return ORDER.index(room) if room in ORDER else len(ORDER)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
