"""Reads the corpus shards that corpus.py wrote, and refuses one that is missing, empty or damaged.

A document is a plain string here; what a canvas is made of is cut.py's affair.
"""
import hashlib
import json
import os

LANGUAGES = ("python", "javascript", "typescript", "go", "rust")


def read_shard(folder, language, split):
    """-> list of document texts."""
    name = f"{language}.{split}.jsonl"
    try:
        with open(os.path.join(folder, "manifest.json")) as f:
            manifest = json.load(f)
        with open(os.path.join(folder, name), "rb") as f:
            body = f.read()
    except FileNotFoundError as missing:
        raise SystemExit(f"Cannot read corpus: {missing.filename} is missing (run corpus.py first)")
    if name not in manifest or hashlib.sha256(body).hexdigest() != manifest[name]["sha256"]:
        raise SystemExit(f"Cannot read corpus: {name} does not match its checksum (run corpus.py again)")
    texts = [json.loads(line)["text"] for line in body.split(b"\n") if line]
    if not texts:
        raise SystemExit(f"Cannot read corpus: {name} holds no document")
    return texts
