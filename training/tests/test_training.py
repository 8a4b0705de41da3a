"""The model, the objective, the optimizer, and a whole toy run that stops, resumes and exports."""
import contextlib
import io
import json
import os
import struct
import sys
import tempfile
import unittest
import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import export  # noqa: E402
import train  # noqa: E402
from corpus import write_shards  # noqa: E402
from corpus_reader import read_shard  # noqa: E402
from cut import MIDDLE, PINNED, SLACK  # noqa: E402
from model import Model, Shape  # noqa: E402
from muon import orthogonalize  # noqa: E402
from objective import (BLANK_LOSS_WEIGHT, HeadLoss, annealed, causal, choose_masked,  # noqa: E402
                       denoising_loss, shifted, token_weights)
from tokenizer import Tokenizer, train_merges  # noqa: E402

TOY = Shape(vocab=308, width=32, layers=2, heads=2, context=64)
CODE = "function area(width, height) {\n  return width * height\n}\n\n" * 30


class ModelTest(unittest.TestCase):
    def test_sees_the_future_only_without_a_causal_mask(self):
        model, ids = Model(TOY).eval(), torch.randint(0, 300, (1, 16))
        changed = ids.clone()
        changed[0, 12] = (changed[0, 12] + 1) % 300
        for allowed, same in ((None, False), (causal(16, "cpu"), True)):
            before, after = model.hidden(ids, allowed)[0, 5], model.hidden(changed, allowed)[0, 5]
            self.assertEqual(torch.allclose(before, after, atol=1e-6), same)

    def test_annealing_goes_from_causal_to_open(self):
        self.assertTrue(torch.equal(annealed(32, 0.0, "cpu"), causal(32, "cpu")))
        self.assertTrue(annealed(32, 1.0, "cpu").all())
        self.assertTrue((annealed(32, 0.5, "cpu") | ~causal(32, "cpu")).all())


class ObjectiveTest(unittest.TestCase):
    def roles(self):
        hole = [PINNED] * 10 + [MIDDLE] * 6 + [SLACK] * 8 + [PINNED] * 8
        return np.array([hole] * 20 + [[MIDDLE] * 32] * 20)

    def test_masks_only_what_is_not_given(self):
        roles = self.roles()
        masked = choose_masked(roles, np.random.default_rng(0))
        self.assertFalse((masked & (roles == PINNED)).any())
        self.assertFalse(masked[:, 0].any())
        self.assertTrue(masked.any(1).all())

    def test_weighs_blanks_less(self):
        roles = self.roles()
        masked = choose_masked(roles, np.random.default_rng(1))
        weights = token_weights(roles, masked)
        self.assertAlmostEqual(float(weights.sum()), 1.0, places=5)
        hole = weights[:20]
        blank, token = hole[masked[:20] & (roles[:20] == SLACK)], hole[masked[:20] & (roles[:20] == MIDDLE)]
        self.assertTrue(np.allclose(blank, token[0] * BLANK_LOSS_WEIGHT))

    def test_head_loss_equals_cross_entropy_and_its_gradient(self):
        torch.manual_seed(0)
        states, table = torch.randn(50, 32), torch.randn(308, 32) * 0.1
        targets, weights = torch.randint(0, 308, (50,)), torch.rand(50) / 25
        grads = []
        for ours in (True, False):
            s, t = states.clone().requires_grad_(), table.clone().requires_grad_()
            loss = HeadLoss.apply(s, t, targets, weights, 16) if ours else \
                (F.cross_entropy(s @ t.t(), targets, reduction="none") * weights).sum()
            loss.backward()
            grads.append((loss.item(), s.grad, t.grad))
        self.assertAlmostEqual(grads[0][0], grads[1][0], places=2)
        for a, b in zip(grads[0][1:], grads[1][1:]):
            self.assertLess(float((a - b).norm() / b.norm()), 0.02)

    def test_scores_each_token_from_the_row_before_it(self):
        states = torch.arange(12.0).view(1, 6, 2)
        positions = torch.tensor([[False, False, True, False, True, False]])
        self.assertEqual(shifted(states, positions)[:, 0].tolist(), [2.0, 6.0])

    def test_learns_one_row_by_heart(self):
        torch.manual_seed(0)
        model, ids = Model(TOY), torch.randint(0, 300, (1, 24))
        masked = torch.zeros(1, 24, dtype=torch.bool)
        masked[0, 8:16] = True
        weights = masked.float() / 8
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in range(80):
            loss = denoising_loss(model, ids, masked, weights, 301)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        self.assertLess(loss.item(), 0.5)

    def test_muon_update_is_nearly_orthogonal(self):
        torch.manual_seed(0)
        sizes = torch.linalg.svdvals(orthogonalize(torch.randn(64, 32)).float())
        self.assertTrue(0.5 < float(sizes.min()) and float(sizes.max()) < 1.5, sizes)


class RunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = lambda name: os.path.join(folder.name, name)
        doc = dict(source="toy", path="toy", text=CODE)
        write_shards(self.at("corpus"), {(k, s): [doc] for s in ("train", "val") for k in
                                         ("python", "javascript", "typescript")})
        self.tokenizer = Tokenizer(train_merges([CODE], 300))
        self.tokenizer.save(self.at("tokenizer.json"))

    def run_stage(self, stage, state, steps, *more):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = train.main(["--stage", stage, "--state", self.at(state), "--steps", str(steps),
                               "--minutes", "5", "--corpus", self.at("corpus"), "--tokenizer",
                               self.at("tokenizer.json"), "--width", "32", "--layers", "2", "--heads",
                               "2", "--context", "64", "--batch-tokens", "256", "--log-every", "2", *more])
        return code, out.getvalue()

    def test_trains_resumes_adapts_and_exports(self):
        self.assertEqual(self.run_stage("ar", "ar.pt", 4)[0], 0)
        self.assertIn('"resume", "step": 4', self.run_stage("ar", "ar.pt", 6)[1])
        self.assertEqual(torch.load(self.at("ar.pt"))["step"], 6)
        self.assertEqual(self.run_stage("adapt", "adapt.pt", 3, "--init", self.at("ar.pt"))[0], 0)
        sys.argv = ["export.py", "--state", self.at("adapt.pt"), "--tokenizer",
                    self.at("tokenizer.json"), "--out", self.at("model"), "--label", "toy"]
        with contextlib.redirect_stdout(io.StringIO()):
            export.main()
            export.main()  # replaces the folder
        with open(self.at("model/config.json")) as f:
            config = json.load(f)
        self.assertEqual((config["lacuna_label"], config["mask_token_id"]),
                         ("toy", self.tokenizer.special["<|mask|>"]))
        with open(self.at("model/model.safetensors"), "rb") as f:
            data = f.read()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        fact = header["denoise_model.h.0.attn.c_attn.weight"]
        self.assertEqual((fact["dtype"], fact["shape"]), ("F16", [32, 96]))
        begin, end = fact["data_offsets"]
        stored = np.frombuffer(data[8 + size + begin:8 + size + end], np.float16).reshape(32, 96)
        ours = torch.load(self.at("adapt.pt"))["ema"]["h.0.c_attn.weight"].numpy().T
        self.assertTrue(np.allclose(stored, ours, atol=1e-3))

    def test_stop_file_saves_and_ends(self):
        open(self.at("STOP"), "w").close()
        self.assertEqual(self.run_stage("ar", "ar.pt", 4)[0], train.STOPPED)
        self.assertTrue(os.path.exists(self.at("ar.pt")))

    def test_keeps_the_last_good_state_when_the_loss_breaks(self):
        self.run_stage("ar", "ar.pt", 2)
        state = torch.load(self.at("ar.pt"))
        state["model"]["wte.weight"][:] = float("nan")
        torch.save(state, self.at("ar.pt"))
        before = os.stat(self.at("ar.pt")).st_mtime_ns
        self.assertEqual(self.run_stage("ar", "ar.pt", 9)[0], train.BROKEN)
        self.assertEqual(os.stat(self.at("ar.pt")).st_mtime_ns, before)

    def test_refuses_damaged_missing_and_empty_shards(self):
        path = self.at("corpus/python.train.jsonl")
        with open(path, "a") as f:
            f.write("{}\n")
        with self.assertRaisesRegex(SystemExit, "checksum"):
            read_shard(self.at("corpus"), "python", "train")
        os.remove(path)
        with self.assertRaisesRegex(SystemExit, "missing"):
            read_shard(self.at("corpus"), "python", "train")
        write_shards(self.at("corpus"), {("python", "train"): []})
        with self.assertRaisesRegex(SystemExit, "no document"):
            read_shard(self.at("corpus"), "python", "train")

    def test_refuses_a_damaged_state(self):
        with open(self.at("ar.pt"), "w") as f:
            f.write("not a state")
        with self.assertRaisesRegex(SystemExit, "damaged"):
            self.run_stage("ar", "ar.pt", 1)


if __name__ == "__main__":
    unittest.main()
