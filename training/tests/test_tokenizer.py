"""The tokenizer keeps text whole, splits like GPT-2 and survives its own file."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tokenizer import SPECIALS, SPLIT, Tokenizer, load_tokenizer, train_merges  # noqa: E402

CODE = "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return f(x) + f(x)\n" * 20


class TokenizerTest(unittest.TestCase):
    def setUp(self):
        self.tokenizer = Tokenizer(train_merges([CODE], 300))

    def test_splits_as_gpt2_does(self):
        self.assertEqual(SPLIT.findall("it's x_1  = ²½ 42\n\n  y"),
                         ["it", "'s", " x", "_", "1", " ", " =", " ²½", " 42", "\n\n ", " y"])

    def test_returns_every_byte(self):
        for text in (CODE, "naïve 漢字 🙂\t\x00\r\n", "", "   "):
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text)), text)

    def test_never_makes_specials_from_text(self):
        self.assertTrue(all(i < self.tokenizer.plain_size for i in self.tokenizer.encode("<|mask|>")))

    def test_puts_specials_last(self):
        self.assertEqual([self.tokenizer.special[s] for s in SPECIALS],
                         list(range(self.tokenizer.size - len(SPECIALS), self.tokenizer.size)))

    def test_reads_what_it_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokenizer.json")
            self.tokenizer.save(path)
            again = load_tokenizer(path)
        self.assertEqual(again.encode(CODE), self.tokenizer.encode(CODE))
        self.assertEqual(again.special, self.tokenizer.special)


if __name__ == "__main__":
    unittest.main()
