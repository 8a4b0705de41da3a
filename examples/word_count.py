"""Counts the words of a text file."""

import re
import sys
from collections import Counter


def count_words(text):
    counts = Counter()
    for word in re.findall(r"[a-z']+", text.lower()):
        <fill>
    return counts


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        counts = count_words(file.read())
    for word, count in counts.most_common(10):
        print(f"{count:6} {word}")


if __name__ == "__main__":
    main()
