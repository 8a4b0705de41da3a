"""A tokenizer of bytes and a few merges, in the form of the real one; documents; nothing of the base."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from base import tokenizer_json  # noqa: E402
from tokenizer import SPECIALS, Tokenizer  # noqa: E402
from tokenizers.pre_tokenizers import ByteLevel  # noqa: E402

CODE = "def area(width, height):\n    if width < 0:\n        return None\n    return width * height\n\n\n" * 30
MERGES = ["r e", "re t", "Ġ Ġ", "ĠĠ ĠĠ", "w i", "wi d", "wid t", "widt h", "Ġ width", "e i"]


def toy_json(specials=SPECIALS):
    tokens = [*specials, *sorted(ByteLevel.alphabet()), *(m.replace(" ", "") for m in MERGES)]
    return tokenizer_json(tokens, MERGES, list(range(len(specials))))


def toy_tokenizer():
    return Tokenizer(toy_json())
