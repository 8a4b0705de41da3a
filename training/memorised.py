"""Does the model recite? Verbatim runs of training text in what it fills, for the model card.

Gaps are opened in training files and in held-out ones, filled from the left at the most likely
token, and the fills with fifty tokens in a row that stand somewhere in the training text, word for
word, are counted. Held-out files show how much of that is plain idiom. Runs no benchmark.
"""
import argparse
import json
import os
import numpy as np
import torch
from corpus_reader import read_shard
from places import WORK
from sample import Filler, load_model
from tokenizer import LANGUAGE_TAGS, load_tokenizer

VERBATIM = 50  # tokens in a row that are called reciting


def recites(ids, decode, corpus):
    """Do VERBATIM tokens in a row of `ids`, more than white space, stand in `corpus`?"""
    windows = (decode(ids[i:i + VERBATIM]) for i in range(0, len(ids) - VERBATIM + 1, 2))
    return any(sum(c.isalnum() for c in text) > VERBATIM and text in corpus for text in windows)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True)
    options.add_argument("--corpus", default=os.path.join(WORK, "corpus"))
    options.add_argument("--tokenizer", default=os.path.join(WORK, "tokenizer.json"))
    options.add_argument("--gaps", type=int, default=20, help="of each language and kind")
    options.add_argument("--tokens", type=int, default=64, help="of one gap")
    a = options.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    tokenizer = load_tokenizer(a.tokenizer)
    filler = Filler(load_model(a.state), tokenizer)
    for language in LANGUAGE_TAGS:
        train = read_shard(a.corpus, language, "train")
        whole = "\0".join(train)
        for split, texts in (("train", train), ("held out", read_shard(a.corpus, language, "val"))):
            rng, recited = np.random.default_rng(11), 0
            texts = [t for t in texts if len(t) > 2000]
            for _ in range(a.gaps):
                text = texts[int(rng.integers(len(texts)))]
                at = text.rfind("\n", 0, int(rng.integers(800, len(text) - 600))) + 1
                fill = filler.fill_from_left(text[max(0, at - 1200):at], text[at + 200:at + 800], a.tokens, language)
                recited += recites(tokenizer.encode(fill), tokenizer.decode, whole)
            print(json.dumps(dict(language=language, split=split, gaps=a.gaps, tokens=a.tokens,
                                  recited=recited)), flush=True)


if __name__ == "__main__":
    main()
