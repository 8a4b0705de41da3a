"""The tokenizer keeps text whole, never reads specials from text, and survives being cut."""
import os
import tempfile
import unittest
import numpy as np
from toy import CODE, MERGES, toy_json, toy_tokenizer
from tokenizer import SPECIALS, Tokenizer, load_tokenizer
from vocabulary import count_tokens, cut, cut_embedding

AWKWARD = (CODE, "naïve 漢字 🙂\t\x00\r\n", "", "   ", "x = 1234567 + 0x1f", "<|mask|>")


class TokenizerTest(unittest.TestCase):
    def setUp(self):
        self.tokenizer = toy_tokenizer()

    def test_returns_every_byte(self):
        for text in AWKWARD:
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text)), text)

    def test_never_makes_specials_from_text(self):
        self.assertFalse(set(self.tokenizer.encode("<|mask|>")) & set(self.tokenizer.special.values()))

    def test_takes_digits_one_by_one(self):
        self.assertEqual(len(self.tokenizer.encode("2026")), 4)

    def test_reads_what_it_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokenizer.json")
            self.tokenizer.save(path)
            again = load_tokenizer(path)
        self.assertEqual(again.encode(CODE), self.tokenizer.encode(CODE))
        self.assertEqual(again.special, self.tokenizer.special)


class VocabularyTest(unittest.TestCase):
    def cut(self, size, text=CODE):
        data = toy_json([f"<old{i}>" for i in range(len(SPECIALS))])
        tokenizer = Tokenizer(data)
        small, kept = cut(data, count_tokens(tokenizer, [text], 1), size)
        return tokenizer, Tokenizer(small), kept

    def test_keeps_the_parts_of_what_it_keeps(self):
        whole, small, kept = self.cut(len(SPECIALS) + 256 + 9)
        vocab = small.data["model"]["vocab"]
        self.assertIn("Ġwidth", vocab)  # and with it wi, wid, widt, width
        self.assertEqual(len(vocab), len(kept))
        for a, b in small.data["model"]["merges"]:
            self.assertTrue({a, b, a + b} <= set(vocab))

    def test_what_used_a_dropped_token_falls_into_its_parts(self):
        whole, small, kept = self.cut(len(SPECIALS) + 256 + 5, "re " * 50 + CODE)
        for text in AWKWARD:
            self.assertEqual(small.decode(small.encode(text)), text)
        self.assertLess(small.size, whole.size)

    def test_a_vocabulary_with_room_for_all_cuts_what_is_never_used_only(self):
        whole, small, kept = self.cut(10_000)
        for text in AWKWARD:
            self.assertEqual([int(kept[i]) for i in small.encode(text)], whole.encode(text))
        self.assertNotIn("ei", {m.replace(" ", "") for m in MERGES} - set(small.data["model"]["vocab"]) - {"ei"})

    def test_freed_rows_begin_where_they_should(self):
        whole, small, kept = self.cut(10_000)
        table = np.arange(whole.size * 2, dtype=np.float32).reshape(-1, 2)
        rows = cut_embedding(table, kept, small)
        self.assertTrue(np.allclose(rows[small.special["<|mask|>"]], table.mean(0)))
        self.assertTrue(np.allclose(rows[small.special["<|blank|>"]], table[whole.id_of("Ċ")]))
        self.assertTrue(np.allclose(rows[small.special["<|ts|>"]], table[0]))
        self.assertTrue(np.allclose(rows[small.id_of("w")], table[whole.id_of("w")]))


if __name__ == "__main__":
    unittest.main()
