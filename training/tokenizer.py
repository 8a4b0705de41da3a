"""Byte-level BPE in GPT-2's exact form: trainer, encoder, and a reader/writer of tokenizer.json.

Ids 0..255 are the raw bytes, then merges in training order, then the special tokens, which
encode() never produces: user text that spells `<|mask|>` is just text. The pre-split is GPT-2's
regular expression with \\p{L} and \\p{N} written out, so that the standard `re` gives the same
pieces as Hugging Face's ByteLevel. It knows nothing about corpora or models.
"""
import argparse
import collections
import heapq
import json
import os
import random
import re
import sys
import unicodedata

SPECIALS = ["<|endoftext|>", "<|mask|>", "<|blank|>", "<|py|>", "<|js|>", "<|ts|>", "<|r0|>", "<|r1|>"]
LANGUAGE_TAGS = {"python": "<|py|>", "javascript": "<|js|>", "typescript": "<|ts|>"}


def unicode_ranges(major):
    """The inside of a character class holding every code point of category `major` (L or N)."""
    spans, start = [], None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code))[0] == major
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            spans.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(spans)


LETTER, NUMBER = unicode_ranges("L"), unicode_ranges("N")
SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # White_Space, not Python's \s
SPLIT = re.compile(rf"'s|'t|'re|'ve|'m|'ll|'d| ?[{LETTER}]+| ?[{NUMBER}]+"
                   rf"| ?[^{SPACE}{LETTER}{NUMBER}]+|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+")


def byte_letters():
    """GPT-2's printable stand-in for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in plain}
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + len(letters) - len(plain))
    return letters


BYTE_LETTER = byte_letters()
LETTER_BYTE = {c: b for b, c in BYTE_LETTER.items()}


def merge_pair(word, pair, new_id):
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and word[i] == pair[0] and word[i + 1] == pair[1]:
            out.append(new_id)
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


def train_merges(texts, vocab_size, min_count=2, longest_word=48):
    """-> list of id pairs, most frequent first (Sennrich et al. 2016, with lazily updated counts)."""
    counted = collections.Counter()
    for text in texts:
        counted.update(SPLIT.findall(text))
    words, counts = [], []
    for word, n in counted.items():
        data = word.encode()
        if n >= 2 and len(data) <= longest_word:
            words.append(list(data))
            counts.append(n)
    pair_count, where = collections.Counter(), collections.defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pair_count[pair] += counts[i]
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pair_count.items()]
    heapq.heapify(heap)
    merges = []
    while 256 + len(merges) < vocab_size and heap:
        n, pair = heapq.heappop(heap)
        if pair_count.get(pair, 0) != -n:  # stale: put it back with its true count
            if pair_count.get(pair, 0) >= min_count:
                heapq.heappush(heap, (-pair_count[pair], pair))
            continue
        if -n < min_count:
            break
        new_id = 256 + len(merges)
        merges.append(pair)
        touched = set()
        for i in where.pop(pair):
            for old in zip(words[i], words[i][1:]):
                pair_count[old] -= counts[i]
            words[i] = merge_pair(words[i], pair, new_id)
            for new in zip(words[i], words[i][1:]):
                pair_count[new] += counts[i]
                where[new].add(i)
                touched.add(new)
        pair_count.pop(pair, None)
        for new in touched:
            if pair_count[new] > 0:
                heapq.heappush(heap, (-pair_count[new], new))
    return merges


class Tokenizer:
    def __init__(self, merges, specials=SPECIALS):
        self.rank = {tuple(pair): i for i, pair in enumerate(merges)}
        self.bytes_of = [bytes([b]) for b in range(256)]
        for a, b in self.rank:
            self.bytes_of.append(self.bytes_of[a] + self.bytes_of[b])
        self.plain_size = len(self.bytes_of)
        self.special = {name: self.plain_size + i for i, name in enumerate(specials)}
        self.size = self.plain_size + len(specials)
        self.cache = {}

    def encode_word(self, word):
        ids = self.cache.get(word)
        if ids is None:
            ids = list(word.encode())
            while len(ids) > 1:
                rank, at = min((self.rank.get(p, 1 << 30), i) for i, p in enumerate(zip(ids, ids[1:])))
                if rank == 1 << 30:
                    break
                ids[at:at + 2] = [256 + rank]
            if len(self.cache) < 1000000 and len(word) < 64:
                self.cache[word] = ids
        return ids

    def encode(self, text):
        ids = []
        for word in SPLIT.findall(text):
            ids += self.encode_word(word)
        return ids

    def decode(self, ids):
        """Special tokens are left out; broken UTF-8 becomes the replacement character."""
        return b"".join(self.bytes_of[i] for i in ids if i < self.plain_size).decode("utf8", "replace")

    def letters(self, token):
        return "".join(BYTE_LETTER[b] for b in self.bytes_of[token])

    def to_json(self):
        """Hugging Face's tokenizers format."""
        vocab = {self.letters(i): i for i in range(self.plain_size)}
        vocab.update(self.special)
        level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
        added = [dict(id=i, content=name, single_word=False, lstrip=False, rstrip=False,
                      normalized=False, special=True) for name, i in self.special.items()]
        model = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix="",
                     end_of_word_suffix="", fuse_unk=False, byte_fallback=False, vocab=vocab,
                     merges=[f"{self.letters(a)} {self.letters(b)}" for a, b in self.rank])
        return dict(version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=None,
                    pre_tokenizer=level, post_processor=None, decoder=level, model=model)

    def save(self, path):
        with open(path + ".part", "w", encoding="utf8") as f:
            json.dump(self.to_json(), f, ensure_ascii=False)
        os.replace(path + ".part", path)


def load_tokenizer(path):
    with open(path, encoding="utf8") as f:
        data = json.load(f)
    spelled = {}
    for text, token in data["model"]["vocab"].items():
        if all(c in LETTER_BYTE for c in text):
            spelled[text] = token
    ids = {"".join(BYTE_LETTER[b] for b in [n]): n for n in range(256)}
    merges = []
    for i, line in enumerate(data["model"]["merges"]):
        a, b = line.split(" ") if isinstance(line, str) else line
        merges.append((ids[a], ids[b]))
        ids[a + b] = 256 + i
        assert spelled[a + b] == 256 + i, "Cannot read tokenizer: ids are not in merge order"
    return Tokenizer(merges, [t["content"] for t in sorted(data["added_tokens"], key=lambda t: t["id"])])


def main():
    from corpus_reader import read_shard
    from fetch import HERE
    options = argparse.ArgumentParser(description="Trains the tokenizer on part of the corpus.")
    options.add_argument("--corpus", default=os.path.join(HERE, "scratch", "corpus"))
    options.add_argument("--out", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    options.add_argument("--vocab", type=int, default=8192, help="special tokens included")
    options.add_argument("--megabytes", type=float, default=12, help="of text per language")
    a = options.parse_args()
    texts = []
    for language in LANGUAGE_TAGS:
        docs = read_shard(a.corpus, language, "train")
        random.Random(1).shuffle(docs)
        taken = 0
        for doc in docs:
            if taken < a.megabytes * 1e6:
                texts.append(doc)
                taken += len(doc)
    tokenizer = Tokenizer(train_merges(texts, a.vocab - len(SPECIALS)))
    tokenizer.save(a.out)
    for language in LANGUAGE_TAGS:
        sample = read_shard(a.corpus, language, "val")[:50]
        size = sum(len(t.encode()) for t in sample)
        ids = [tokenizer.encode(t) for t in sample]
        assert [tokenizer.decode(x) for x in ids] == sample
        print(f"{language:12s} {size / sum(map(len, ids)):.2f} bytes/token")
    print(f"{tokenizer.size} tokens -> {a.out}")


if __name__ == "__main__":
    main()
