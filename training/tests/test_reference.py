"""Against others, where they are at hand: llama.cpp's tokenizer, and what the base says of held-out code.

Needs the base (base.py) and the corpus; the tokenizer's part also node and node-llama-cpp in bench/.cache/llama.
"""
import glob
import json
import math
import os
import random
import subprocess
import unittest
import torch
import toy  # noqa: F401
from base import INSIDE
from corpus_reader import LANGUAGES, read_shard
from model import Model, Shape
from places import HERE, WORK
from published import read_folder
from tokenizer import load_tokenizer
from train import multiplies_bf16

BASE, CORPUS, LLAMA = os.path.join(WORK, "base"), os.path.join(WORK, "corpus"), os.path.join(HERE, "..", "bench", ".cache", "llama")
# Bits a byte, left to right, of eight documents of each language; the log's own eight gave .74 to .98.
MOST_BITS = {"python": 0.80, "javascript": 0.95, "typescript": 1.0, "go": 1.03, "rust": 0.98}


def texts(language, count, size, seed):
    documents = [t for t in read_shard(CORPUS, language, "val") if len(t) > size]
    return [text[:size] for text in random.Random(seed).sample(documents, min(count, len(documents)))]


@unittest.skipUnless(os.path.isdir(BASE) and os.path.isdir(CORPUS), "no base or no corpus here")
class ReferenceTest(unittest.TestCase):
    @unittest.skipUnless(os.path.isdir(os.path.join(LLAMA, "node_modules")), "no llama.cpp in bench/.cache/llama")
    def test_ids_are_llama_cpps_on_a_thousand_snippets(self):
        rng, snippets = random.Random(3), []
        documents = [t for k in LANGUAGES for t in read_shard(CORPUS, k, "val")]
        while len(snippets) < 1000:
            text = rng.choice(documents)
            at = rng.randrange(len(text))
            snippets.append(text[at:at + rng.randrange(1, 400)])
        snippets[:4] = ["x = 1234567", "  \t\n\n   y\r\n", "naïve 漢字 🙂 ²½", "a" * 300]
        gguf = glob.glob(os.path.join(WORK, "archives", "base", os.path.basename(INSIDE)))[0]
        done = subprocess.run(["node", os.path.join(HERE, "tests", "reference.mjs"), LLAMA, gguf], capture_output=True, text=True,
                              input="".join(json.dumps(s) + "\n" for s in snippets), check=True)
        reference = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
        tokenizer = load_tokenizer(os.path.join(BASE, "tokenizer.json"))
        self.assertEqual(len(reference), 1000)
        for snippet, ids in zip(snippets, reference):
            self.assertEqual(tokenizer.encode(snippet), ids, repr(snippet))

    def test_the_base_knows_code(self):
        first, tokenizer = read_folder(BASE), load_tokenizer(os.path.join(BASE, "tokenizer.json"))
        model = Model(Shape(**first["shape"])).eval()
        model.load_state_dict(first["model"])
        for language, most in MOST_BITS.items():
            nats = size = 0
            for text in texts(language, 8, 2000, 2):
                ids = torch.tensor([tokenizer.encode(text)])
                with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=multiplies_bf16("cpu")):
                    logits = model.logits(model.hidden(ids, torch.ones(ids.shape[1], ids.shape[1]).tril().bool())[0, :-1])
                nats += float(torch.nn.functional.cross_entropy(logits.float(), ids[0, 1:], reduction="sum"))
                size += len(text.encode())
            self.assertLess(nats / math.log(2) / size, most, language)


if __name__ == "__main__":
    unittest.main()
