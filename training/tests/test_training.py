"""The model, the objective, and a whole toy run that stops, resumes, breaks, pauses and exports."""
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock
import numpy as np
import torch
import torch.nn.functional as F
from toy import CODE, toy_json, toy_tokenizer
import export
import pauses
import train
from corpus import write_shards
from corpus_reader import LANGUAGES, read_shard
from cut import MIDDLE, PINNED, SLACK
from model import Model, Shape
from objective import (BLANK_LOSS_WEIGHT, DEEPEST_WEIGHT, HeadLoss, choose_masked, depth, hole_numbers, left_to_right,
                       loss_of, masked_canvas, token_weights, two_streams)
from published import own_names, published_names, read_folder
from safetensors.torch import load_file, save_file

TOKENIZER = toy_tokenizer()
TOY = Shape(vocab=TOKENIZER.size, width=32, layers=2, heads=4, kv_heads=2, feed_forward=48, context=64)
MASK = TOKENIZER.special["<|mask|>"]
CAUSAL = torch.ones(16, 16, dtype=torch.bool).tril()


def changes(model, ids, at, allowed=None, positions=None):
    """Rows whose state changes with the token at `at`."""
    changed = ids.clone()
    changed[0, at] = (changed[0, at] + 1) % 250
    moved = model.hidden(changed, allowed, positions)[0] - model.hidden(ids, allowed, positions)[0]
    return torch.nonzero(moved.abs().amax(1) > 1e-6)[:, 0].tolist()


class ModelTest(unittest.TestCase):
    def test_sees_the_future_only_without_a_causal_mask(self):
        torch.manual_seed(0)
        model, ids = Model(TOY).eval(), torch.randint(0, 250, (1, 16))
        self.assertEqual(changes(model, ids, 12), list(range(16)))
        self.assertEqual(changes(model, ids, 12, CAUSAL), [12, 13, 14, 15])

    def test_only_distances_count(self):
        torch.manual_seed(0)
        model, ids = Model(TOY).eval(), torch.randint(0, 250, (1, 16))
        here, there = (model.hidden(ids, None, torch.arange(16)[None] + at) for at in (0, 40))
        self.assertTrue(torch.allclose(here, there, atol=1e-4))
        self.assertFalse(torch.allclose(here, model.hidden(ids, None, torch.arange(16)[None] * 2), atol=1e-4))

    def test_grouped_heads_are_heads_with_copied_keys(self):
        torch.manual_seed(0)
        grouped = Model(TOY)
        full = Model(Shape(**{**vars(TOY), "kv_heads": 4}))
        weights = grouped.state_dict()
        for name, value in weights.items():
            if "qkv" in name:
                q, k, v = value.split([32, 16, 16])
                twice = lambda part: part.view(2, 8, 32).repeat_interleave(2, 0).reshape(32, 32)  # noqa: E731
                weights[name] = torch.cat([q, twice(k), twice(v)])
        full.load_state_dict(weights)
        ids = torch.randint(0, 250, (1, 16))
        self.assertTrue(torch.allclose(grouped.hidden(ids, CAUSAL), full.hidden(ids, CAUSAL), atol=1e-5))


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

    def test_asks_for_the_blank_that_ends_a_hole_and_for_no_other(self):
        roles = self.roles()
        masked = choose_masked(roles, np.random.default_rng(1))
        weights = token_weights(roles, masked)
        self.assertAlmostEqual(float(weights.sum()), 1.0, places=5)
        flat = weights / np.maximum(DEEPEST_WEIGHT, 1 / (1 + depth(masked)))
        asked = flat[masked & (roles == SLACK)]
        token = flat[masked & (roles == MIDDLE)][0]
        self.assertTrue(np.allclose(asked[asked > 0], token * BLANK_LOSS_WEIGHT))
        self.assertEqual(sorted(set(np.nonzero(weights * (roles == SLACK))[1])), [16])

    def test_a_target_far_from_its_left_text_weighs_less(self):
        masked = np.array([[False, True, True, True, False, True] + [True] * 12])
        self.assertEqual(depth(masked)[0].tolist(), [0, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        weights = token_weights(np.full((1, 18), MIDDLE), masked)[0]
        self.assertAlmostEqual(weights[2] / weights[1], 1 / 2, places=5)
        self.assertAlmostEqual(weights[17] / weights[1], DEEPEST_WEIGHT, places=5)

    def test_holes_are_numbered_from_the_left(self):
        roles = np.array([PINNED, MIDDLE, SLACK, PINNED, MIDDLE, MIDDLE])
        self.assertEqual(hole_numbers(roles).tolist(), [0, 1, 1, 0, 2, 2])

    def streams(self, extra=8):
        roles = np.array([[PINNED] * 4 + [MIDDLE] * 3 + [SLACK] * 2 + [PINNED] * 3 + [MIDDLE] * 2 + [PINNED] * 2])
        ids = np.arange(100, 116)[None]
        return ids, roles, two_streams(ids, roles, MASK, extra)

    def test_a_second_stream_asks_for_every_token_of_a_hole(self):
        ids, _, (whole, positions, _, targets, weights) = self.streams()
        self.assertEqual(whole[0, :16].tolist(), [100, 101, 102, 103] + [MASK] * 5 + [109, 110, 111] + [MASK] * 2 + [114, 115])
        self.assertEqual(whole[0, 16:21].tolist(), [104, 105, 106, 112, 113])
        self.assertEqual(positions[0, 16:21].tolist(), [4, 5, 6, 12, 13])
        asked = np.flatnonzero(weights[0])
        # masks: 4, 5, 6, the slot that ends the hole (7), 12, 13, each from the row before; then 5, 6 and 7 from the
        # hole's own tokens before them, and 13. No row asks beyond its hole.
        self.assertEqual(asked.tolist(), [3, 4, 5, 6, 11, 12, 16, 17, 18, 19])
        self.assertEqual(targets[0, asked].tolist(), [104, 105, 106, 107, 112, 113, 105, 106, 107, 113])
        self.assertAlmostEqual(float(weights.sum()), 1, places=5)
        self.assertAlmostEqual(float(weights[0, 18] / weights[0, 17]), BLANK_LOSS_WEIGHT, places=5)
        self.assertAlmostEqual(float(weights[0, 4] / weights[0, 3]), 1 / 2, places=5)

    def test_the_second_stream_sees_what_a_fill_from_the_left_would(self):
        torch.manual_seed(0)
        _, _, arrays = self.streams()
        ids, positions, allowed = (torch.from_numpy(x) for x in arrays[:3])
        model = Model(TOY).eval()
        see = lambda at: changes(model, ids, at, allowed, positions)  # noqa: E731
        self.assertEqual(see(17), [17, 18])  # a hole's token: itself and what follows in its hole
        self.assertEqual(see(19), [19, 20])
        self.assertEqual(see(2), list(range(21)))  # given text: everything but the padding
        # the canvas sees all of itself, so anything on it reaches the second stream through given text
        direct = allowed[0]
        self.assertFalse(direct[17, 4] or direct[17, 5])  # no mask in whose place a token stands
        self.assertTrue(direct[17, 6] and direct[17, 7] and direct[17, 12])  # those behind it, and other holes'
        self.assertFalse(direct[19, 16] or direct[:16, 16:].any())

    def test_a_fill_from_the_left_meets_what_the_second_stream_was_asked(self):
        """One hole, all else given: the state of a committed token over a kept context is the same."""
        torch.manual_seed(0)
        ids, roles = np.arange(100, 112)[None], np.array([[PINNED] * 5 + [MIDDLE] * 3 + [PINNED] * 4])
        whole, positions, allowed, _, _ = (torch.from_numpy(x) for x in two_streams(ids, roles, MASK, 3))
        model = Model(TOY).eval()
        trained = model.hidden(whole, allowed, positions)[0, 13]  # the hole's second token
        # As the product: masks and given text as they stood, the two committed tokens anew.
        seen = allowed[:, :14, :14]
        alone = model.hidden(whole[:, :14], seen, positions[:, :14])[0, 13]
        self.assertTrue(torch.allclose(trained, alone, atol=1e-5))

    def test_more_hole_tokens_than_room_are_asked_from_their_masks_only(self):
        _, _, (whole, _, allowed, _, weights) = self.streams(extra=2)
        self.assertEqual(whole[0, 16:].tolist(), [104, 105])
        self.assertTrue(weights[0, 11] > 0 and weights[0, 16] > 0)

    def test_causal_rows_ask_for_the_next_token(self):
        targets, weights = left_to_right(np.arange(100, 108).reshape(2, 4))
        self.assertEqual(targets[1, :3].tolist(), [105, 106, 107])
        self.assertEqual(np.count_nonzero(weights), 6)

    def test_a_masked_canvas_asks_the_row_before(self):
        ids = np.tile(np.arange(100, 132), (40, 1))
        canvas, targets, weights = masked_canvas(ids, self.roles(), MASK, np.random.default_rng(0))
        rows, places = np.nonzero(weights)
        self.assertTrue((canvas[rows, places + 1] == MASK).all())
        self.assertTrue((targets[rows, places] == ids[rows, places + 1]).all())

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

    def test_learns_one_row_by_heart(self):
        torch.manual_seed(0)
        ids, roles = np.arange(100, 124)[None], np.array([[PINNED] * 8 + [MIDDLE] * 8 + [PINNED] * 8])
        whole, positions, allowed, targets, weights = (torch.from_numpy(x) for x in two_streams(ids, roles, MASK, 8))
        model = Model(TOY)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in range(80):
            loss = loss_of(model, whole, weights > 0, targets, weights, allowed, positions)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        self.assertLess(loss.item(), 0.5)


class RunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = lambda *names: os.path.join(folder.name, *names)
        patched = mock.patch.object(train, "WORK", folder.name)
        patched.start()
        self.addCleanup(patched.stop)
        doc = dict(source="toy", path="toy", text=CODE)
        write_shards(self.at("corpus"), {(k, s): [doc] for s in ("train", "val") for k in LANGUAGES})
        with open(self.at("tokenizer.json"), "w", encoding="utf8") as f:
            json.dump(toy_json() | dict(kept=list(range(TOKENIZER.size))), f)
        torch.manual_seed(0)
        export.write_folder(self.at("base"), Model(TOY).state_dict(), TOY, TOKENIZER)

    def train(self, state, steps, *more):
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = train.main(["--state", self.at(state), "--steps", str(steps), "--no-compile", "--base", self.at("base"),
                               "--corpus", self.at("corpus"), "--tokenizer", self.at("tokenizer.json"), "--rows", "2",
                               "--length", "96", "--log-every", "1", "--watch-tokens", "0", *more])
        return code, out.getvalue() + errors.getvalue()

    def load(self, name):
        return torch.load(self.at(name))

    def test_trains_resumes_decays_and_exports(self):
        self.assertEqual(self.train("state.pt", 4)[0], 0)
        self.assertIn('"resume", "step": 4', self.train("state.pt", 6)[1])
        self.assertEqual(self.load("state.pt")["step"], 6)
        code, out = self.train("state.pt", -1, "--out", self.at("done.pt"), "--decay-tokens", "600", "--warm-steps", "1")
        self.assertEqual(code, 0)
        rates = [json.loads(line)["rate"] for line in out.splitlines() if '"rate"' in line and '"step"' in line]
        self.assertEqual(rates, sorted(rates, reverse=True))
        self.assertEqual((self.load("done.pt")["step"], self.load("state.pt")["step"]), (10, 6))
        sys.argv = ["export.py", "--state", self.at("done.pt"), "--tokenizer", self.at("tokenizer.json"),
                    "--out", self.at("model"), "--label", "toy"]
        with contextlib.redirect_stdout(io.StringIO()):
            export.main()
            export.main()  # replaces the folder
        with open(self.at("model/config.json")) as f:
            config = json.load(f)
        self.assertEqual((config["lacuna_label"], config["mask_token_id"]), ("toy", MASK))
        ours, stored = self.load("done.pt")["average"], load_file(self.at("model/model.safetensors"))
        self.assertTrue(torch.allclose(stored["model.layers.0.self_attn.k_proj.weight"].float(),
                                       ours["layers.0.qkv.weight"][32:48], atol=1e-3))
        back = read_folder(self.at("model"))
        self.assertTrue(all(torch.allclose(back["model"][k], ours[k], atol=1e-3) for k in ours))
        self.assertEqual(self.train("more.pt", 2, "--init", self.at("model"))[0], 0)

    def test_published_names_and_back(self):
        weights = Model(TOY).state_dict()
        back = own_names(published_names(weights, TOY), TOY.layers)
        self.assertTrue(all(torch.equal(back[k], weights[k]) for k in weights))

    def test_every_kind_of_row_trains(self):
        for kind in (["--causal", "1"], ["--masked", "1", "--causal", "0"], ["--masked", "0", "--causal", "0"],
                     ["--masked", "1", "--plain", "1"], ["--instruction", "1"], ["--single", "1"]):
            self.assertEqual(self.train(f"{kind}.pt", 2, *kind)[0], 0)

    def test_looks_at_held_out_packages(self):
        out = self.train("state.pt", 2, "--watch-tokens", "192")[1]
        watched = [json.loads(line) for line in out.splitlines() if '"watch"' in line]
        self.assertEqual(len(watched), 2)
        self.assertLess(abs(watched[0]["frontier"] - np.log(TOKENIZER.size)), 1)

    def test_goes_on_in_f32_where_bf16_is_missing(self):
        self.addCleanup(setattr, HeadLoss, "low", HeadLoss.low)
        with mock.patch.object(train, "multiplies_bf16", lambda device: False):
            code, out = self.train("state.pt", 3)
        self.assertEqual(code, 0)
        self.assertIn('"precision": "torch.float32"', out)

    def test_another_processor_than_before_is_said(self):
        self.train("state.pt", 1)
        with mock.patch.object(train, "processor", lambda: "another one"):
            self.assertIn('"another processor"', self.train("state.pt", 2)[1])

    def test_refuses_a_folder_that_is_not_a_checkpoint(self):
        with self.assertRaisesRegex(SystemExit, "is not a float checkpoint"):
            self.train("state.pt", 1, "--init", self.at("corpus"))

    def test_stop_file_saves_and_ends(self):
        open(self.at("STOP"), "w").close()
        self.assertEqual(self.train("state.pt", 4)[0], train.STOPPED)
        self.assertTrue(os.path.exists(self.at("state.pt")))

    def test_keeps_the_last_good_state_when_the_loss_breaks(self):
        self.train("state.pt", 2)
        state = self.load("state.pt")
        state["model"]["embed.weight"][:] = float("nan")
        torch.save(state, self.at("state.pt"))
        before = os.stat(self.at("state.pt")).st_mtime_ns
        self.assertEqual(self.train("state.pt", 9)[0], train.BROKEN)
        self.assertEqual(os.stat(self.at("state.pt")).st_mtime_ns, before)

    def test_keeps_the_last_good_state_when_the_disk_is_full(self):
        self.train("state.pt", 2)
        with mock.patch.object(torch, "save", side_effect=OSError(28, "No space left on device")):
            code, out = self.train("state.pt", 4)
        self.assertEqual(code, train.NO_ROOM)
        self.assertIn("No space left on device", out)
        self.assertIn("untouched", out)
        self.assertEqual(self.load("state.pt")["step"], 2)

    def test_a_killed_run_goes_on_from_its_last_state(self):
        self.train("state.pt", 2)
        with open(self.at("state.pt.part"), "w") as f:
            f.write("half a state")
        self.assertEqual(self.train("state.pt", 4)[0], 0)
        self.assertEqual(self.load("state.pt")["step"], 4)

    def test_waits_for_whoever_lives_only(self):
        os.makedirs(pauses.folder(self.at()))
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        open(os.path.join(pauses.folder(self.at()), str(gone.pid)), "w").close()
        self.assertEqual(pauses.who_pauses(self.at()), [])
        open(os.path.join(pauses.folder(self.at()), str(os.getpid())), "w").close()
        open(os.path.join(pauses.folder(self.at()), "by-hand"), "w").close()
        self.assertEqual(sorted(pauses.who_pauses(self.at())), [str(os.getpid()), "by-hand"])

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
        with open(self.at("state.pt"), "w") as f:
            f.write("not a state")
        with self.assertRaisesRegex(SystemExit, "damaged"):
            self.train("state.pt", 1)


if __name__ == "__main__":
    unittest.main()
