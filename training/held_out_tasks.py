"""Single-line gaps in held-out packages, in HumanEval-Infilling's fields, for `lacuna eval infilling`.

One task per sampled file: a line of code (no comment, no bracket alone) becomes the gap, the text
around it prompt and suffix. There are no tests; the score is the exact line. It loads no model.
"""
import argparse
import gzip
import json
import os
import numpy as np
from corpus_reader import read_shard
from cut import line_at
from places import WORK
from tokenizer import LANGUAGE_TAGS

LINE = (6, 100)  # characters of a line, without its indentation
AROUND = (6000, 3000)  # characters kept before and after: more than any embedded model's canvas
LEAST_BEFORE = 120


def candidate(text, at):
    """-> (prompt, line with its indentation, suffix) around character `at`, or None."""
    start, content, end = line_at(text, at)
    line = text[content:end]
    if not LEAST_BEFORE <= start <= AROUND[0] or not LINE[0] <= len(line.strip()) <= LINE[1] or line != line.rstrip():
        return None
    if line.startswith(("#", "//", "*", "/*", '"""', "'''")) or sum(c.isalpha() for c in line) < 3:
        return None
    if text.count('"""', 0, start) % 2 or text.count("'''", 0, start) % 2:  # prose of a docstring
        return None
    # the benchmark's form: the gap holds the indentation and the line break
    after = min(end + 1, len(text))
    return text[max(0, start - AROUND[0]):start], text[start:after], text[after:after + AROUND[1]]


def tasks(texts, language, count, rng):
    found, seen = [], set()
    for _ in range(100 * count):
        if len(found) == count:
            break
        n = int(rng.integers(len(texts)))
        task = candidate(texts[n], int(rng.integers(len(texts[n]))))
        if task is None or task[1] in seen or n in seen:
            continue
        seen |= {task[1]} | ({n} if len(texts) > 2 * count else set())
        prompt, line, suffix = task
        found.append(dict(task_id=f"held-out/{language}/{len(found)}", language=language,
                          prompt=prompt, canonical_solution=line, suffix=suffix))
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", default=os.path.join(WORK, "corpus"))
    options.add_argument("--count", type=int, default=300, help="tasks of each language")
    options.add_argument("--languages", nargs="+", default=list(LANGUAGE_TAGS), choices=list(LANGUAGE_TAGS))
    options.add_argument("--out", required=True, help="a .jsonl.gz file")
    a = options.parse_args()
    with gzip.open(a.out, "wt", encoding="utf8") as f:
        for language in a.languages:
            drawn = tasks(read_shard(a.corpus, language, "val"), language, a.count, np.random.default_rng(7))
            f.writelines(json.dumps(task) + "\n" for task in drawn)
            print(f"{len(drawn)} {language} lines")


if __name__ == "__main__":
    main()
