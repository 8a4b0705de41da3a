"""Cuts training rows out of documents: a tag, then text with holes, exactly `length` tokens.

Holes are cut on CHARACTERS before tokenizing, and the text before, in and after a hole is encoded
on its own, because that is how the product meets code at a cursor: with broken tokens at both
joints. What is masked, and what it costs to be wrong, is objective.py's affair.
"""
import bisect
import itertools
import re
import numpy as np
from tokenizer import LANGUAGE_TAGS

PINNED, MIDDLE, SLACK = 0, 1, 2  # the role of a position: given text, hole text, unused hole slot
SLOTS = (8, 16, 24, 32, 48, 64)  # sizes a product may open before it knows the length
KINDS = ("rest", "line", "block", "characters")
ONE_HOLE = (0.25, 0.2, 0.25, 0.3)  # their odds where a row has one hole or a few
MANY_HOLES = (0.34, 0.34, 0.08, 0.24)  # where it is full of them: lines, or blocks would crowd them out
LANGUAGE_WEIGHT = {"python": 1.0, "javascript": 1.5, "typescript": 3.0, "go": 4.0, "rust": 4.0}
CHARS_PER_TOKEN = 6  # read ahead this much text per wanted token; the corpus has 3.4
LONGEST_HOLE_CHARS = 700
PROSE_SHARE = 0.2  # of the holes that would fall on comments and docstrings: code is what is filled
LEAST_GAP_CHARS = 6  # of text between two holes of a row
FIRST_GAP_CHARS = 400  # at most so much text before its first hole
MOST_SLACK = 17  # unused slots of such a hole, one less
INSTRUCTION = "instruction:"  # after the language's comment sign; the product asks in this form
# A function that begins a line: files made of these are understood without the rest of their project.
FUNCTION = {
    "python": re.compile(r"^(?:async )?def \w", re.M),
    "javascript": re.compile(r"^(?:export )?(?:default )?(?:async )?(?:function\b|const \w+ = (?:async )?(?:\([^)]*\)|\w+) =>)", re.M),
    "typescript": re.compile(r"^(?:export )?(?:default )?(?:async )?(?:function\b|const \w+ = (?:async )?(?:<[^>]*>)?(?:\([^)]*\)[^=\n]*|\w+) =>)", re.M),
    "go": re.compile(r"^func ", re.M),
    "rust": re.compile(r"^(?:pub(?:\([a-z]+\))? )?(?:const |unsafe |async )*fn ", re.M),
}
MANY_FUNCTIONS = 0.8  # in a thousand characters; an eighth of the corpus has so many
# A comment on a line of its own, or a docstring of one line: what the next lines are to do.
COMMENT = re.compile(r'^[ \t]*(?:(?:#|//) ?(\w[^\n]{8,110})|"""(\w[^\n"]{8,110})""")(?=\n)', re.M)


def has_many_functions(text, language):
    return len(FUNCTION[language].findall(text)) >= MANY_FUNCTIONS * len(text) / 1000


def line_at(text, at):
    """-> (start of the line, first character that is not indentation, end without newline)."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return start, start + re.match(r"[ \t]*", text[start:end]).end(), end


def is_prose(text, start, content):
    """Is the line a comment, or inside a docstring? Its start and first character are given."""
    return text.startswith(("#", "//", "*", "/*"), content) or \
        text.count('"""', 0, start) % 2 == 1 or text.count("'''", 0, start) % 2 == 1


def pick_hole(text, at, rng, kinds=ONE_HOLE):
    """One hole near character `at` -> (start, end), or None when there is nothing to fill there."""
    start, content, end = line_at(text, at)
    if rng.random() >= PROSE_SHARE and is_prose(text, start, content):
        return None
    kind = KINDS[int(rng.choice(len(KINDS), p=kinds))]
    if kind == "rest":  # rest of the line; its newline stays in the suffix
        a, e = (at if rng.random() < 0.6 else content), end
        if rng.random() < 0.45:  # editors close brackets before the gap is filled
            e = a + len(text[a:e].rstrip(")]};:,\"'`>"))
    elif kind == "line":  # as a benchmark cuts it or as auto-indent leaves it
        a, e = (start, min(end + 1, len(text))) if rng.random() < 0.5 else (content, end)
    elif kind == "block":  # two to eight lines
        e = end
        for _ in range(int(rng.integers(1, 8))):
            following = text.find("\n", e + 1)
            if following < 0:
                break
            e = following
        a = start if rng.random() < 0.5 else content
        e = min(e + 1, len(text)) if rng.random() < 0.5 else e
    else:
        longest = 161 if rng.random() < 0.5 else 41
        a, e = at, min(len(text), at + int(rng.integers(2, longest)))
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

    def __init__(self, documents, tokenizer, rng, weights=LANGUAGE_WEIGHT, untagged=0.1, functions_weight=1):
        self.encode, self.rng, self.untagged = tokenizer.encode, rng, untagged
        self.end_of_text = tokenizer.special["<|endoftext|>"]
        self.blank = tokenizer.special["<|blank|>"]
        self.tag = {language: tokenizer.special[tag] for language, tag in LANGUAGE_TAGS.items()}
        self.documents = documents
        self.languages = sorted(documents)
        self.upto = {k: list(itertools.accumulate(
            len(text) * (functions_weight if functions_weight != 1 and has_many_functions(text, k) else 1)
            for text in d)) for k, d in documents.items()}
        share = np.array([sum(map(len, documents[k])) * weights[k] for k in self.languages])
        self.share = share / share.sum()
        self.current = self.languages[0]

    def pick_document(self, language):
        """Longer documents come up more often, in proportion, and those of many functions by their weight."""
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

    def holed_row(self, length, cover, language=None, slack_share=0.75):
        """Holes all along the row, so that one pass asks for many; `cover` is about their share."""
        while True:
            tag, text = self.start_row(language)
            last = 0 if self.rng.random() < 0.1 else int(self.rng.integers(len(text)))
            at = last + int(self.rng.integers(FIRST_GAP_CHARS))
            ids, roles = [tag], [PINNED]
            while at < len(text) and len(ids) < length:
                hole = pick_hole(text, at, self.rng, MANY_HOLES)
                if not hole or hole[0] - last < LEAST_GAP_CHARS:
                    at += 1 + int(self.rng.integers(20))
                    continue
                a, e = hole
                gap, middle = self.encode(text[last:a]), self.encode(text[a:e])
                slack = int(self.rng.integers(1, MOST_SLACK)) if self.rng.random() < slack_share else 0
                ids += gap + middle + [self.blank] * slack
                roles += [PINNED] * len(gap) + [MIDDLE] * len(middle) + [SLACK] * slack
                last, at = e, e + int(self.rng.exponential((e - a) * (1 - cover) / cover + LEAST_GAP_CHARS))
            if MIDDLE not in roles[:length]:
                continue
            ids = self.fill_up((ids + self.encode(text[last:last + length * CHARS_PER_TOKEN]))[:length], length)
            return ids, (roles + [PINNED] * length)[:length]

    def instruction_row(self, length, language=None, tries=20):
        """A hole whose own comment has become an instruction at the head of the row, in the form
        that the model card names; a row with a hole where the text has no comment."""
        for _ in range(tries):
            tag, text = self.start_row(language)
            notes = list(COMMENT.finditer(text))
            if not notes:
                continue
            note = notes[int(self.rng.integers(len(notes)))]
            start = note.end() + 1
            end = note.end()
            for _ in range(int(self.rng.integers(1, 7))):
                following = text.find("\n", end + 1)
                if following < 0 or not text[end:following].strip():
                    break
                end = following
            middle = text[start:end]
            if not middle.strip() or len(middle) > LONGEST_HOLE_CHARS:
                continue
            sign = "#" if self.current == "python" else "//"
            head = self.encode(f"{sign} {INSTRUCTION} {(note[1] or note[2]).strip()}\n")
            body = self.encode(middle)
            slack = self.slots_for(len(body), 0.6) - len(body)
            if len(head) + len(body) + slack > length * 0.6:
                continue
            ids, roles = self.surround(
                tag, text[:note.start()] + text[start:], note.start(), note.start() + len(middle),
                body + [self.blank] * slack, [MIDDLE] * len(body) + [SLACK] * slack, length - len(head), 0.08)
            return ids[:1] + head + ids[1:], [PINNED] * (1 + len(head)) + roles[1:]
        return self.hole_row(length, 1, language)

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
