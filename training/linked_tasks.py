"""Functions of held-out packages with two to four linked gaps, for `bench/joint.ts`.

A name is defined in the first gap (a whole line `name = ...`, `const name = ...`) and used in one to
three later lines, which are gaps too. What stands between is given. It loads no model; Python is read
by its own parser, JavaScript and TypeScript by the indentation of their functions.
"""
import argparse
import ast
import gzip
import json
import os
import re
import textwrap
import numpy as np
from corpus_reader import read_shard
from places import WORK
from tokenizer import LANGUAGE_TAGS

LINES = (5, 30)  # of a function
DEFINITION = {"python": re.compile(r"^\s*([a-z_]\w{2,})\s*=\s*[^=]")}
SCRIPT_DEFINITION = re.compile(r"^\s*(?:const|let|var)\s+([A-Za-z_$][\w$]{2,})\s*(?::[^=]+)?=\s*[^=]")
SCRIPT_FUNCTION = re.compile(r"^([ \t]*)(?:export\s+)?(?:async\s+)?(?:function\b.*|[\w$]+\([^)]*\).*)\{$", re.M)
LONGEST_LINE = 90


def python_functions(text):
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    lines = text.split("\n")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield lines[node.lineno - 1:node.end_lineno]


def script_functions(text):
    for start in SCRIPT_FUNCTION.finditer(text):
        end = text.find(f"\n{start[1]}}}", start.end())
        if end >= 0:
            yield text[start.start():end + len(start[1]) + 2].split("\n")


def link(lines, language, rng):
    """-> line numbers of a definition and of lines that use it, or None."""
    definition = DEFINITION.get(language, SCRIPT_DEFINITION)
    found = []
    for i, line in enumerate(lines):
        name = definition.match(line)
        if name and len(line) <= LONGEST_LINE and not any(re.search(rf"\b{re.escape(name[1])}\b", l) for l in lines[:i]):
            uses = [j for j in range(i + 1, len(lines)) if re.search(rf"\b{re.escape(name[1])}\b", lines[j])
                    and 6 <= len(lines[j].strip()) <= LONGEST_LINE and not definition.match(lines[j])]
            if uses:
                found.append((name[1], i, uses))
    if not found:
        return None
    name, at, uses = found[int(rng.integers(len(found)))]
    wanted = min(len(uses), int(rng.integers(1, 4)))
    return name, [at] + sorted(rng.choice(uses, wanted, replace=False).tolist())


def task(lines, language, rng):
    if not LINES[0] <= len(lines) <= LINES[1]:
        return None
    linked = link(lines, language, rng)
    if linked is None:
        return None
    name, gaps = linked
    parts, given = [], ""
    for i, line in enumerate(lines):
        indent = line[:len(line) - len(line.lstrip())]
        if i in gaps:
            parts += [{"text": given + indent}, {"gold": line[len(indent):]}]
            given = "\n"
        else:
            given += line + "\n"
    return dict(language=language, name=name, parts=parts + [{"text": given}])


def tasks(texts, language, count, rng):
    found = []
    for n in rng.permutation(len(texts)):
        functions = list((python_functions if language == "python" else script_functions)(texts[n]))
        for k in rng.permutation(len(functions))[:4]:
            lines = textwrap.dedent("\n".join(functions[k])).split("\n")
            made = task(lines, language, rng)
            if made:
                found.append(dict(task_id=f"linked/{language}/{len(found)}", **made))
            if len(found) == count:
                return found
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", default=os.path.join(WORK, "corpus"))
    options.add_argument("--count", type=int, default=100, help="tasks of each language")
    options.add_argument("--out", required=True, help="a .jsonl.gz file")
    a = options.parse_args()
    with gzip.open(a.out, "wt", encoding="utf8") as f:
        for language in LANGUAGE_TAGS:
            drawn = tasks(read_shard(a.corpus, language, "val"), language, a.count, np.random.default_rng(17))
            f.writelines(json.dumps(t) + "\n" for t in drawn)
            print(f"{len(drawn)} {language} functions, {sum(len(t['parts']) // 2 for t in drawn)} gaps")


if __name__ == "__main__":
    main()
