"""Cuts the base's vocabulary to the tokens that code and its comments use.

A kept token keeps both sides of its merge, so text that used a dropped one falls into its parts and nothing
becomes unwritable. Freed rows of special tokens become mask, blank and language tokens. Knows no training.
"""
import argparse
import json
import os
import numpy as np
from corpus_reader import LANGUAGES, read_shard
from places import WORK
from tokenizer import SPECIALS, Tokenizer

LINE_BREAK = "Ċ"  # byte 10 in GPT-2's alphabet: how the blank's row begins


def count_tokens(tokenizer, texts, megabytes):
    """Uses of each id in about so much text, drawn evenly from the documents."""
    counts = np.zeros(tokenizer.size, np.int64)
    step = max(1, int(sum(map(len, texts)) / (megabytes * 1e6)))
    for text in texts[::step]:
        counts += np.bincount(tokenizer.encode(text), minlength=tokenizer.size)
    return counts


def keep_tokens(tokens, merges, special, counts, size):
    """-> sorted old ids: the most used ones that fit into `size` with the parts that their merges need, the
    bytes and the special tokens among them."""
    ids = {token: i for i, token in enumerate(tokens)}
    parts = {}
    for merge in merges:
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        parts.setdefault(ids[left + right], (ids[left], ids[right]))
    kept = set(special) | {i for i, token in enumerate(tokens) if len(token) == 1}
    for token in np.argsort(-counts, kind="stable"):
        wanted, new = [int(token)], set()
        while wanted:
            one = wanted.pop()
            if one not in kept and one not in new:
                new.add(one)
                wanted += parts.get(one, ())
        if counts[token] == 0 or len(kept) + len(new) > size:
            break
        kept |= new
    return sorted(kept)


def cut(data, counts, size):
    """tokenizer.json's data -> (the same with fewer tokens, the old id of each new one)."""
    vocab = data["model"]["vocab"]
    tokens = sorted(vocab, key=vocab.get)
    special = [entry["id"] for entry in data["added_tokens"]]
    kept = keep_tokens(tokens, data["model"]["merges"], special, counts, size)
    names = dict(zip(special, SPECIALS + [f"<|r{i}|>" for i in range(len(special) - len(SPECIALS))]))
    new = {names.get(old, tokens[old]): i for i, old in enumerate(kept)}
    pairs = [m.split(" ") if isinstance(m, str) else m for m in data["model"]["merges"]]
    merges = [[a, b] for a, b in pairs if a in new and b in new and a + b in new]
    added = [dict(entry, id=new[names[entry["id"]]], content=names[entry["id"]]) for entry in data["added_tokens"]]
    return dict(data, added_tokens=added, model=dict(data["model"], vocab=new, merges=merges)), np.array(kept)


def cut_embedding(embedding, kept, tokenizer):
    """(V, D) of the base -> (V', D). The mask begins as the mean of all rows, the blank as the line break, a
    language as the end of a text, after which each text began."""
    rows = embedding[kept].copy()
    special = tokenizer.special
    for name, token in special.items():
        rows[token] = rows[special["<|endoftext|>"]]
    rows[special["<|mask|>"]] = embedding.mean(0)
    rows[special["<|blank|>"]] = rows[tokenizer.id_of(LINE_BREAK)]
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--base", default=os.path.join(WORK, "base"))
    options.add_argument("--corpus", default=os.path.join(WORK, "corpus"))
    options.add_argument("--out", default=os.path.join(WORK, "tokenizer.json"))
    options.add_argument("--size", type=int, default=24576, help="tokens, special ones included")
    options.add_argument("--megabytes", type=float, default=12, help="of text counted for each language")
    a = options.parse_args()
    with open(os.path.join(a.base, "tokenizer.json"), encoding="utf8") as f:
        data = json.load(f)
    whole = Tokenizer(data)
    counts = sum(count_tokens(whole, read_shard(a.corpus, k, "train"), a.megabytes) for k in LANGUAGES)
    small, kept = cut(data, counts, a.size)
    small["kept"] = kept.tolist()  # what the embedding is cut by
    with open(a.out + ".part", "w", encoding="utf8") as f:
        json.dump(small, f, ensure_ascii=False)
    os.replace(a.out + ".part", a.out)
    print(f"{len(kept)} of {len(counts)} tokens, {counts[kept].sum() / counts.sum():.3%} of their uses -> {a.out}")


if __name__ == "__main__":
    main()
