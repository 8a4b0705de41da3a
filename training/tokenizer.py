"""The tokenizer while training: Hugging Face's `tokenizers` over a tokenizer.json.

encode() never produces special tokens: text that spells `<|mask|>` is just text. Knows no corpus and no model.
"""
import json
import os
import tokenizers

SPECIALS = ["<|endoftext|>", "<|mask|>", "<|blank|>", "<|py|>", "<|js|>", "<|ts|>", "<|go|>", "<|rs|>", "<|memory|>"]
LANGUAGE_TAGS = {"python": "<|py|>", "javascript": "<|js|>", "typescript": "<|ts|>", "go": "<|go|>", "rust": "<|rs|>"}


class Tokenizer:
    def __init__(self, data):
        """data: what a tokenizer.json holds."""
        self.data = data
        self.special = {entry["content"]: entry["id"] for entry in data["added_tokens"]}
        self.size = len(data["model"]["vocab"])
        plain = {key: value for key, value in data.items() if key != "kept"}
        self.inner = tokenizers.Tokenizer.from_str(json.dumps(dict(plain, added_tokens=[]), ensure_ascii=False))

    def encode(self, text):
        return self.inner.encode(text).ids

    def id_of(self, token):
        return self.data["model"]["vocab"][token]

    def decode(self, ids):
        """Special tokens are left out; broken UTF-8 becomes the replacement character."""
        skipped = set(self.special.values())
        return self.inner.decode([int(i) for i in ids if i not in skipped], skip_special_tokens=False)

    def save(self, path):
        """What the product reads: without the ids of the base."""
        data = {key: value for key, value in self.data.items() if key != "kept"}
        with open(path + ".part", "w", encoding="utf8") as f:
            json.dump(data, f, ensure_ascii=False)
        os.replace(path + ".part", path)


def load_tokenizer(path):
    with open(path, encoding="utf8") as f:
        return Tokenizer(json.load(f))
