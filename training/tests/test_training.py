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
from muon import Muon  # noqa: E402
from objective import (BLANK_LOSS_WEIGHT, DEEPEST_WEIGHT, HeadLoss, annealed, blank_infilling,  # noqa: E402
                       blank_infilling_loss, causal, choose_masked, denoising_loss, depth, hole_numbers,
                       shifted, token_weights)
from published import read_folder  # noqa: E402
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
        flat = weights / np.maximum(DEEPEST_WEIGHT, 1 / (1 + depth(masked) / 2))
        blank, token = flat[masked & (roles == SLACK)], flat[masked & (roles == MIDDLE)]
        self.assertTrue(np.allclose(blank, token[0] * BLANK_LOSS_WEIGHT))

    def test_a_target_far_from_its_left_text_weighs_less(self):
        masked = np.array([[False, True, True, True, False, True] + [True] * 8])
        self.assertEqual(depth(masked)[0].tolist(), [0, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8])
        weights = token_weights(np.full((1, 14), MIDDLE), masked)[0]
        self.assertAlmostEqual(weights[2] / weights[1], 2 / 3, places=5)
        self.assertAlmostEqual(weights[13] / weights[1], DEEPEST_WEIGHT, places=5)

    def test_holes_are_numbered_from_the_left(self):
        roles = np.array([PINNED, MIDDLE, SLACK, PINNED, MIDDLE, MIDDLE])
        self.assertEqual(hole_numbers(roles).tolist(), [0, 1, 1, 0, 2, 2])

    def test_blank_infilling_hides_a_hole_from_all_but_its_own_later_tokens(self):
        torch.manual_seed(0)
        roles = np.array([[PINNED] * 4 + [MIDDLE] * 4 + [SLACK] * 2 + [PINNED] * 3 + [MIDDLE] * 3])
        allowed, weights = (torch.from_numpy(x) for x in blank_infilling(roles))
        self.assertEqual(torch.nonzero(weights[0])[:, 0].tolist(), [4, 5, 6, 7, 8, 13, 14, 15])
        self.assertAlmostEqual(float(weights[0, 8] / weights[0, 7]), BLANK_LOSS_WEIGHT, places=5)
        model, ids = Model(TOY).eval(), torch.randint(0, 300, (1, 16))
        before = model.hidden(ids, allowed)[0]
        changed = ids.clone()
        changed[0, 6] = (changed[0, 6] + 1) % 300  # inside the first hole
        moved = (model.hidden(changed, allowed)[0] - before).abs().amax(1) > 1e-6
        self.assertEqual(torch.nonzero(moved)[:, 0].tolist(), [6, 7, 8, 9])
        changed = ids.clone()
        changed[0, 11] = (changed[0, 11] + 1) % 300  # given text after it: both sides are seen
        moved = (model.hidden(changed, allowed)[0] - before).abs().amax(1) > 1e-6
        self.assertTrue(moved.all())

    def test_blank_infilling_opens_with_the_annealing(self):
        allowed = torch.from_numpy(blank_infilling(np.array([[PINNED] * 4 + [MIDDLE] * 4]))[0])
        self.assertTrue(torch.equal(annealed(8, 0.0, "cpu", allowed), allowed & causal(8, "cpu")))
        self.assertTrue(torch.equal(annealed(8, 1.0, "cpu", allowed), allowed))

    def test_head_loss_equals_cross_entropy_and_its_gradient(self):
        torch.manual_seed(0)
        states, table = torch.randn(50, 32), torch.randn(308, 32) * 0.1
        targets, weights = torch.randint(0, 308, (50,)), torch.rand(50) / 25
        grads = []
        for ours in (True, False):
            s, t = states.clone().requires_grad_(), table.clone().requires_grad_()
            loss = HeadLoss.apply(s, t, targets, weights) if ours else \
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

    def test_muon_turns_each_map_of_a_stacked_matrix_by_itself(self):
        torch.manual_seed(0)
        stacked, tall = torch.nn.Parameter(torch.zeros(96, 32)), torch.nn.Parameter(torch.zeros(64, 32))
        optimizer = Muon([dict(params=[stacked], maps=3), dict(params=[tall], maps=1)], lr=1.0, weight_decay=0)
        stacked.grad, tall.grad = torch.randn(96, 32) * torch.tensor([1.0, 9.0, 90.0]).repeat_interleave(32)[:, None], torch.randn(64, 32)
        optimizer.step()
        for part in (*stacked.detach().chunk(3), tall.detach() / 2 ** 0.5):
            sizes = torch.linalg.svdvals(part)
            self.assertTrue(float(sizes.max()) < 1.3 and float(sizes.median()) > 0.6, sizes)


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
                               *([] if "--teraflops" in more else ["--minutes", "5"]), "--compile", "off", "--corpus", self.at("corpus"), "--tokenizer",
                               self.at("tokenizer.json"), "--width", "32", "--layers", "2", "--heads",
                               "2", "--context", "128", "--batch-tokens", "256", "--log-every", "2", *more])
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
        fact = header["model.layers.0.self_attn.k_proj.weight"]
        self.assertEqual((fact["dtype"], fact["shape"]), ("F16", [32, 32]))
        begin, end = fact["data_offsets"]
        stored = np.frombuffer(data[8 + size + begin:8 + size + end], np.float16).reshape(32, 32)
        ours = torch.load(self.at("adapt.pt"))["ema"]
        self.assertTrue(np.allclose(stored, ours["layers.0.qkv.weight"][32:64].numpy(), atol=1e-3))
        back = read_folder(self.at("model"))
        self.assertEqual(set(back["model"]), set(ours))
        self.assertTrue(all(torch.allclose(back["model"][k], ours[k], atol=1e-3) for k in ours))
        self.assertEqual(self.run_stage("adapt", "more.pt", 2, "--init", self.at("model"))[0], 0)

    def test_every_way_of_hiding_trains(self):
        for kind in (["--span-share", "1"], ["--plain-share", "1"], ["--instruction-share", "1"], ["--no-shift"],
                     ["--single-share", "1", "--instruction-share", "0"]):
            self.assertEqual(self.run_stage("adapt", f"{kind[0]}.pt", 2, "--plain-share", "0", *kind)[0], 0)
        self.assertEqual(self.run_stage("span", "span.pt", 3, "--anneal", "0.9")[0], 0)

    def test_goes_on_in_f32_where_bf16_is_missing_and_says_so(self):
        self.addCleanup(setattr, train, "multiplies_bf16", train.multiplies_bf16)
        self.addCleanup(setattr, HeadLoss, "low", HeadLoss.low)
        train.multiplies_bf16 = lambda device: False
        code, out = self.run_stage("ar", "ar.pt", 3)
        self.assertEqual(code, 0)
        self.assertIn("no bf16 in this hardware", out)

    def test_ends_after_its_share_of_arithmetic(self):
        code, out = self.run_stage("ar", "ar.pt", -1, "--teraflops", "0.0005")
        spent = torch.load(self.at("ar.pt"))["flops"]
        self.assertEqual(code, 0)
        self.assertTrue(0.5e9 <= spent < 1e9, spent)
        self.assertIn('"event": "end"', out)

    def test_refuses_a_folder_that_is_no_model(self):
        with self.assertRaisesRegex(SystemExit, "no model folder"):
            self.run_stage("adapt", "adapt.pt", 1, "--init", self.at("corpus"))

    def test_stop_file_saves_and_ends(self):
        open(self.at("STOP"), "w").close()
        self.assertEqual(self.run_stage("ar", "ar.pt", 4)[0], train.STOPPED)
        self.assertTrue(os.path.exists(self.at("ar.pt")))

    def test_keeps_the_last_good_state_when_the_loss_breaks(self):
        self.run_stage("ar", "ar.pt", 2)
        state = torch.load(self.at("ar.pt"))
        state["model"]["embed.weight"][:] = float("nan")
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
