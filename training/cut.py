"""Cuts training rows out of documents: a tag, then text with holes, exactly `length` tokens.

Holes are cut on CHARACTERS before tokenizing, and the text before, in and after a hole is encoded
on its own, because that is how the product meets code at a cursor: with broken tokens at both
joints. What is masked, and what it costs to be wrong, is objective.py's affair.
"""
import bisect
import itertools
import re
import numpy as np

PINNED, MIDDLE, SLACK = 0, 1, 2  # the role of a position: given text, hole text, unused hole slot
SLOTS = (8, 16, 24, 32, 48, 64)  # sizes a product may open before it knows the length
LANGUAGE_WEIGHT = {"python": 1.0, "javascript": 1.5, "typescript": 3.0}
CHARS_PER_TOKEN = 6  # read ahead this much text per wanted token; the corpus has 3.4
LONGEST_HOLE_CHARS = 700


def line_at(text, at):
    """-> (start of the line, first character that is not indentation, end without newline)."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return start, start + re.match(r"[ \t]*", text[start:end]).end(), end


def pick_hole(text, at, rng):
    """One hole near character `at` -> (start, end), or None when there is nothing to fill there."""
    start, content, end = line_at(text, at)
    kind = rng.random()
    if kind < 0.25:  # rest of the line; its newline stays in the suffix
        a, e = (at if rng.random() < 0.6 else content), end
        if rng.random() < 0.25:  # editors close brackets before the gap is filled
            e = a + len(text[a:e].rstrip(")]};:,\"'`>"))
    elif kind < 0.45:  # a whole line, as a benchmark cuts it or as auto-indent leaves it
        a, e = (start, min(end + 1, len(text))) if rng.random() < 0.5 else (content, end)
    elif kind < 0.70:  # two to eight lines
        e = end
        for _ in range(int(rng.integers(1, 8))):
            following = text.find("\n", e + 1)
            if following < 0:
                break
            e = following
        a = start if rng.random() < 0.5 else content
        e = min(e + 1, len(text)) if rng.random() < 0.5 else e
    else:
        a, e = at, min(len(text), at + int(rng.integers(2, 161)))
    if e - a > LONGEST_HOLE_CHARS or not text[a:e].strip():
        return None
    return a, e


def round_robin(sampler, length):
    """Endless tokens of further documents, each opened by end-of-text."""
    while True:
        text = sampler.pick_document(sampler.current)
        yield sampler.end_of_text
        yield from sampler.encode(text[:length * CHARS_PER_TOKEN])


class RowSampler:
    """Draws rows from documents = {language: [text, ...]}; one random stream, one tokenizer."""

    def __init__(self, documents, tokenizer, rng, weights=LANGUAGE_WEIGHT, untagged=0.1):
        self.encode, self.rng, self.untagged = tokenizer.encode, rng, untagged
        self.end_of_text = tokenizer.special["<|endoftext|>"]
        self.blank = tokenizer.special["<|blank|>"]
        self.tag = {"python": tokenizer.special["<|py|>"], "javascript": tokenizer.special["<|js|>"],
                    "typescript": tokenizer.special["<|ts|>"]}
        self.documents = documents
        self.languages = sorted(documents)
        self.upto = {k: list(itertools.accumulate(map(len, d))) for k, d in documents.items()}
        share = np.array([self.upto[k][-1] * weights[k] for k in self.languages])
        self.share = share / share.sum()
        self.current = self.languages[0]

    def pick_document(self, language):
        """Longer documents come up more often, in proportion."""
        upto = self.upto[language]
        return self.documents[language][bisect.bisect_right(upto, int(self.rng.integers(upto[-1])))]

    def start_row(self, language=None):
        self.current = language or self.languages[int(self.rng.choice(len(self.share), p=self.share))]
        tag = self.end_of_text if self.rng.random() < self.untagged else self.tag[self.current]
        return tag, self.pick_document(self.current)

    def fill_up(self, ids, length):
        return ids + list(itertools.islice(round_robin(self, length), length - len(ids)))

    def plain_row(self, length, language=None):
        """A window of text; every position may be scored."""
        tag, text = self.start_row(language)
        at = 0 if self.rng.random() < 0.15 else int(self.rng.integers(len(text)))
        if self.rng.random() < 0.5:
            at = text.rfind("\n", 0, at) + 1
        ids = self.encode(text[at:at + length * CHARS_PER_TOKEN])[:length - 1]
        return self.fill_up([tag] + ids, length), [MIDDLE] * length

    def pick_holes(self, text, count):
        """-> sorted holes that do not touch, near each other."""
        holes, at = [], int(self.rng.integers(len(text)))
        while len(holes) < count and at < len(text):
            hole = pick_hole(text, at, self.rng)
            if hole and (not holes or hole[0] > holes[-1][1]):
                holes.append(hole)
                at = hole[1]
            at += int(self.rng.integers(10, 200)) if holes else 1 + int(self.rng.integers(40))
        return holes

    def slots_for(self, tokens, slack_share):
        """How many slots the hole gets: often exactly enough, else a size the product would open."""
        sizes = [k for k in SLOTS if k > tokens]
        if not sizes or self.rng.random() >= slack_share:
            return tokens
        return sizes[int(self.rng.integers(len(sizes)))]

    def hole_row(self, length, count=1, language=None, slack_share=0.6, no_suffix=0.08):
        """Text around `count` holes (fewer when they do not fit)."""
        while True:
            tag, text = self.start_row(language)
            holes = self.pick_holes(text, count)
            if not holes:
                continue
            body, roles, last = [], [], None
            for a, e in holes:
                gap = self.encode(text[last:a]) if last is not None else []
                middle = self.encode(text[a:e])
                slots = self.slots_for(len(middle), slack_share)
                if len(body) + len(gap) + slots > length * 0.6:
                    break
                body += gap + middle + [self.blank] * (slots - len(middle))
                roles += [PINNED] * len(gap) + [MIDDLE] * len(middle) + [SLACK] * (slots - len(middle))
                last = e
            if body:
                return self.surround(tag, text, holes[0][0], last, body, roles, length, no_suffix)

    def surround(self, tag, text, start, end, body, roles, length, no_suffix):
        """Prefix and suffix share what is left; at a file's end half the rows close with end-of-text."""
        room = length - 1 - len(body)
        wanted = int(room * self.rng.uniform(0.12, 0.75))
        suffix = [] if self.rng.random() < no_suffix else \
            self.encode(text[end:end + wanted * CHARS_PER_TOKEN])[:wanted]
        if len(suffix) < wanted and self.rng.random() < 0.5:
            suffix = self.fill_up(suffix, wanted)
        keep = room - len(suffix)
        prefix = self.encode(text[max(0, start - keep * CHARS_PER_TOKEN):start])
        prefix = prefix[len(prefix) - keep:] if len(prefix) > keep else prefix
        ids = self.fill_up([tag] + prefix + body + suffix, length)
        roles = [PINNED] * (1 + len(prefix)) + roles
        return ids, roles + [PINNED] * (length - len(roles))
