"""Rows are as long as asked, tagged, cut on characters, and masked only where they may be."""
import unittest
import numpy as np
from toy import CODE, toy_tokenizer
from cut import MIDDLE, PINNED, SLACK, SLOTS, RowSampler, pick_hole

TOKENIZER = toy_tokenizer()


def make_sampler(seed=0, untagged=0.0):
    documents = {"python": [CODE, CODE[:400]], "typescript": [CODE], "javascript": [CODE]}
    return RowSampler(documents, TOKENIZER, np.random.default_rng(seed), untagged=untagged)


class RowsTest(unittest.TestCase):
    def test_every_row_has_the_length_and_a_tag(self):
        sampler = make_sampler()
        for draw in (sampler.plain_row, sampler.hole_row, lambda n: sampler.hole_row(n, 3)):
            for _ in range(50):
                ids, roles = draw(96)
                self.assertEqual((len(ids), len(roles)), (96, 96))
                self.assertIn(ids[0], sampler.tag.values())

    def test_slack_follows_a_middle_and_fills_a_size_the_product_opens(self):
        sampler, blank = make_sampler(1), TOKENIZER.special["<|blank|>"]
        seen = 0
        for _ in range(200):
            ids, roles = sampler.hole_row(160)
            slots = [i for i, r in enumerate(roles) if r != PINNED]
            self.assertEqual(slots, list(range(slots[0], slots[-1] + 1)))
            marked = [roles[i] for i in slots]
            self.assertEqual(marked, sorted(marked))
            self.assertTrue(all((ids[i] == blank) == (roles[i] == SLACK) for i in slots))
            if SLACK in marked:
                seen += 1
                self.assertIn(len(slots), SLOTS)
        self.assertTrue(60 < seen < 180, f"{seen} of 200 rows have slack")

    def test_prefix_middle_and_suffix_rebuild_the_text(self):
        sampler = make_sampler(2)
        for _ in range(50):
            ids, roles = sampler.hole_row(120, slack_share=0)
            end = ids.index(sampler.end_of_text) if sampler.end_of_text in ids else len(ids)
            text = TOKENIZER.decode(ids[1:end])
            self.assertTrue(text.rstrip("\ufffd") in CODE, repr(text))

    def test_a_row_full_of_holes_keeps_text_between_them(self):
        sampler = make_sampler(4)
        shares = []
        for _ in range(60):
            ids, roles = sampler.holed_row(200, 0.4)
            self.assertEqual((len(ids), len(roles)), (200, 200))
            starts = [i for i in range(1, 200) if roles[i] != PINNED and roles[i - 1] == PINNED]
            self.assertTrue(starts and roles[0] == PINNED)
            shares.append(roles.count(MIDDLE) / 200)
        self.assertTrue(0.1 < np.mean(shares) < 0.5, np.mean(shares))

    def test_a_holes_comment_becomes_the_instruction_at_the_head(self):
        code = "def area(w, h):\n    # multiply the two sides\n    return w * h\n\n\nx = area(2, 3)\n"
        sampler = RowSampler({"python": [code]}, TOKENIZER, np.random.default_rng(5), untagged=0)
        ids, roles = sampler.instruction_row(160, "python")
        hole = [i for i, r in enumerate(roles) if r == MIDDLE]
        text = TOKENIZER.decode(ids[1:hole[0]])
        self.assertTrue(text.startswith("# instruction: multiply the two sides\n"), text)
        self.assertEqual(text.count("multiply"), 1)
        self.assertEqual(TOKENIZER.decode([ids[i] for i in hole]), "    return w * h")
        self.assertEqual(len(ids), 160)

    def test_holes_are_never_empty(self):
        rng = np.random.default_rng(3)
        for at in range(0, len(CODE), 7):
            hole = pick_hole(CODE, at, rng)
            if hole:
                self.assertTrue(CODE[hole[0]:hole[1]].strip())


if __name__ == "__main__":
    unittest.main()
