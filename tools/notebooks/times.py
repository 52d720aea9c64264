"""The tables of run times in notebooks/README.md and README.zh.md, from the manifest."""

import json
import math

from . import build, run

HEADS = {"en": ("notebook", "run time", "limit"), "zh": ("笔记本", "运行时间", "上限")}
MARKS = "<!-- run times -->\n", "<!-- end of run times -->"


def record(results):
    """Keep the seconds of ``results``, the slower language's, in the manifest."""
    manifest = run.manifest()
    for result in results:
        manifest[result.name]["seconds"] = 0
    for result in results:
        entry = manifest[result.name]
        entry["seconds"] = max(entry["seconds"], math.ceil(result.seconds))
    lines = (f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in manifest.items())
    run.MANIFEST.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def files():
    """``{path: text}`` of the READMEs with their tables as the manifest has them."""
    found, sources = {}, build.sources()
    for lang, name in ("en", "README.md"), ("zh", "README.zh.md"):
        path = build.ROOT / name
        before, rest = path.read_text("utf-8").split(MARKS[0])
        _, after = rest.split(MARKS[1])
        found[path] = f"{before}{MARKS[0]}\n{table(sources, lang)}\n{MARKS[1]}{after}"
    return found


def table(sources, lang):
    """A row a notebook: its title, seconds and limit."""
    rows, manifest = [HEADS[lang], ("---", "---:", "---:")], run.manifest()
    for source in sources:
        title = source.title(lang)
        entry = manifest[source.name]
        seconds = f"{entry['seconds']} s" if "seconds" in entry else "–"
        link = f"[{title}]({lang}/{source.name}.ipynb)"
        rows.append((link, seconds, f"{entry['limit']} s"))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
