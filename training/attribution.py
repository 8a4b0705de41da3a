"""Writes CORPUS.md and the corpus part of NOTICE from the facts corpus.py recorded.

It states what went into the model and under which licence; it decides nothing.
"""
import argparse
import json
import os
from base import PACKAGE, VERSION
from corpus_reader import LANGUAGES
from places import HERE, WORK

BEGIN, END = "<!-- corpus attributions: begin -->", "<!-- corpus attributions: end -->"
BASE = ("The weights in models/ were trained from nothing, on a part of the packages below. Their successor, which training/\n"
        "makes now, begins with SmolLM2-135M-Instruct, by HuggingFaceTB (Loubna Ben Allal and others), Apache License 2.0,\n"
        f"as the Python package {PACKAGE} {VERSION} (Simon Willison, Apache License 2.0) ships it. Lacuna changes it: it is\n"
        "cut to fewer tokens, trained on, and rounded.")



def megabytes(n):
    return f"{n / 1e6:.2f}"


def corpus_table(facts):
    lines = ["# The training corpus", "",
             "Written by `attribution.py`; do not edit. Source text of named, permissively licensed",
             "packages as their registries ship them (PyPI wheels, npm archives, Debian's -dev packages) and",
             "the Python standard library. `sources.txt` names them; the text itself is not in this repository.",
             "The licence column is what the package declares about itself.", "", "## The base", "",
             f"{BASE} What it was trained on before is told by\nits authors (arXiv 2502.02737), not here.", "", "## Shards", "",
             "| shard | documents | MB | sha256 |", "| --- | ---: | ---: | --- |"]
    for name, m in facts["manifest"].items():
        lines.append(f"| {name} | {m['docs']} | {megabytes(m['textBytes'])} | `{m['sha256'][:16]}` |")
    lines += ["", "`val` is whole packages kept out of training (marked below).", "",
              "## Left out", "", "| reason | MB |", "| --- | ---: |"]
    lines += [f"| {k} | {megabytes(v)} |" for k, v in sorted(facts["dropped"].items(), key=lambda x: -x[1])]
    hits = facts["contaminated"]
    lines += ["", f"Decontamination: {len(hits)} files shared 13 words in a row with one of "
              f"{facts['programs']} benchmark programs" + (": " + ", ".join(hits) if hits else "") +
              ". Files that name the benchmark were left out as well.", "", "## Packages", "",
              "| registry | package | version | licence | Python | JavaScript | TypeScript | Go | Rust |",
              "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    refused = []
    for p in sorted(facts["packages"], key=lambda p: (p["registry"], p["name"].lower())):
        if p.get("refused"):
            refused.append(f"{p['name']} ({p['licence'] or 'no licence declared'})")
            continue
        sizes = [megabytes(p["kept"][k]) if p["kept"].get(k) else "" for k in LANGUAGES]
        if any(sizes):
            name = p["name"] + (" (held out)" if p["held_out"] else "")
            lines.append(f"| {p['registry']} | {name} | {p['version']} | {p['licence']} | "
                         + " | ".join(sizes) + " |")
    lines += ["", "Sizes in MB of text kept. Refused for their licence: " + ", ".join(refused) + "."]
    return "\n".join(lines) + "\n"


def notice(facts):
    lines = [BEGIN, "", "Where the embedded model comes from", "------------------------------------", "", BASE, "",
             "Training text of the embedded model", "-----------------------------------", "",
             "The text is source text of the following packages, each under",
             "the licence it declares. No package text is distributed here.", ""]
    for p in sorted(facts["packages"], key=lambda p: p["name"].lower()):
        if p.get("refused") or p["held_out"] or not any(p["kept"].values()):
            continue
        lines.append(f"{p['name']} {p['version']} ({p['licence']})")
        lines += ["    " + c for c in p["copyrights"]]
    return "\n".join(lines + ["", END]) + "\n"


def place(path, part):
    """Replaces the marked part of a file that others write as well, or appends it."""
    text = open(path, encoding="utf8").read() if os.path.exists(path) else ""
    if BEGIN in text and END in text:
        text = text[:text.index(BEGIN)] + part + text[text.index(END) + len(END):].lstrip("\n")
    else:
        text = text + ("\n" if text else "") + part
    with open(path, "w", encoding="utf8") as f:
        f.write(text)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--facts", default=os.path.join(WORK, "corpus", "facts.json"))
    options.add_argument("--notice", default=os.path.join(HERE, "..", "NOTICE"))
    a = options.parse_args()
    with open(a.facts) as f:
        facts = json.load(f)
    with open(os.path.join(HERE, "CORPUS.md"), "w", encoding="utf8") as f:
        f.write(corpus_table(facts))
    place(a.notice, notice(facts))


if __name__ == "__main__":
    main()
