"""A small reference sampler, for looking at fills: open slots, decide the length, then denoise.

The product's own sampler is elsewhere and better; this one is written to be read. One forward
pass per committed token, most confident first. It knows no files but the state it is given.
"""
import argparse
import os
import torch
from places import WORK
from model import Model, Shape
from objective import BLANK_LOSS_WEIGHT
from tokenizer import LANGUAGE_TAGS, load_tokenizer

LOOKS = [  # language, prefix, middle, suffix
    ("python", "def area(width, height):\n    return ", "width * height", "\n\n\ndef perimeter(width, height):\n    return 2 * (width + height)\n"),
    ("python", "import json\n\n\ndef read_json(path):\n    with open(path) as f:\n        ", "return json.load(f)", "\n\n\ndef write_json(path, data):\n    with open(path, \"w\") as f:\n        json.dump(data, f)\n"),
    ("python", "class Stack:\n    def __init__(self):\n        ", "self.items = []", "\n\n    def push(self, item):\n        self.items.append(item)\n\n    def pop(self):\n        return self.items.pop()\n"),
    ("python", "def is_even(n):\n    if ", "n % 2 == 0", ":\n        return True\n    return False\n"),
    ("typescript", "export function sum(values: number[]): number {\n  let total = 0;\n  for (const value of values) {\n    ", "total += value;", "\n  }\n  return total;\n}\n"),
    ("typescript", "export class Point {\n  constructor(readonly x: number, readonly y: number) {}\n\n  add(other: Point): Point {\n    ", "return new Point(this.x + other.x, this.y + other.y);", "\n  }\n}\n"),
    ("typescript", "import { readFile } from 'node:fs/promises'\n\nexport async function load(path: string): Promise<Config> {\n  const text = ", "await readFile(path, 'utf8')", "\n  return JSON.parse(text) as Config\n}\n"),
    ("javascript", "function debounce(fn, delay) {\n  let timer = null;\n  return function (...args) {\n    clearTimeout(timer);\n    timer = ", "setTimeout(() => fn.apply(this, args), delay)", ";\n  };\n}\n"),
]


def load_model(path, weights="average"):
    state = torch.load(path, map_location="cpu")
    model = Model(Shape(**state["shape"]))
    model.load_state_dict(state[weights])
    return model.eval()


class Filler:
    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer
        special = tokenizer.special
        self.mask, self.blank = special["<|mask|>"], special["<|blank|>"]
        self.never = [i for name, i in special.items() if name != "<|blank|>"]

    @torch.no_grad()
    def predict(self, canvas, positions):
        """Log-probabilities (len(positions), V) of the tokens at `positions`: the shift."""
        states = self.model.hidden(torch.tensor([canvas]))[0, [p - 1 for p in positions]]
        logits = self.model.logits(states)
        logits[:, self.never] = -1e9
        return torch.log_softmax(logits, -1)

    def canvas(self, prefix, suffix, slots, language):
        """-> (ids, first slot). The prefix keeps two thirds of what the slots leave."""
        room = self.model.shape.context - 1 - slots
        before, after = self.tokenizer.encode(prefix), self.tokenizer.encode(suffix)
        keep_after = min(len(after), max(room // 3, room - len(before)))
        before = before[max(0, len(before) - (room - keep_after)):]
        tag = LANGUAGE_TAGS.get(language, "<|endoftext|>")
        ids = [self.tokenizer.special[tag]] + before + [self.mask] * slots + after[:keep_after]
        return ids, 1 + len(before)

    def choose_length(self, prefix, suffix, language, slots=32):
        """Where blanks begin: the split of the slots that the first forward finds likeliest."""
        ids, first = self.canvas(prefix, suffix, slots, language)
        chance = self.predict(ids, range(first, first + slots))[:, self.blank].exp()
        # training weighed a blank less: undo that before believing the number
        chance = chance / (chance + BLANK_LOSS_WEIGHT * (1 - chance))
        used, unused = torch.log1p(-chance.clamp(max=1 - 1e-6)), torch.log(chance.clamp(min=1e-6))
        scores = [float(used[:n].sum() + unused[n:].sum()) for n in range(1, slots + 1)]
        return 1 + scores.index(max(scores))

    def fill_from_left(self, prefix, suffix, length, language):
        """The likeliest token of the leftmost slot, again and again; blanks are left out."""
        ids, first = self.canvas(prefix, suffix, length, language)
        for place in range(first, first + length):
            log_odds = self.predict(ids, [place])[0]
            log_odds[self.blank] = -1e9
            ids[place] = int(log_odds.argmax())
        return self.tokenizer.decode(ids[first:first + length])

    def fill(self, prefix, suffix, length, language):
        ids, first = self.canvas(prefix, suffix, length, language)
        open_slots = list(range(first, first + length))
        while open_slots:
            log_odds = self.predict(ids, open_slots)
            log_odds[:, self.blank] = -1e9
            best, tokens = log_odds.max(-1)
            pick = int(best.argmax())
            ids[open_slots.pop(pick)] = int(tokens[pick])
        return self.tokenizer.decode(ids[first:first + length])


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True)
    options.add_argument("--weights", choices=("average", "model"), default="average")
    options.add_argument("--tokenizer", default=os.path.join(WORK, "tokenizer.json"))
    a = options.parse_args()
    tokenizer = load_tokenizer(a.tokenizer)
    filler = Filler(load_model(a.state, a.weights), tokenizer)
    for language, prefix, middle, suffix in LOOKS:
        length = len(tokenizer.encode(middle))
        chosen = filler.choose_length(prefix, suffix, language)
        print(f"{language:10s} wanted {length:2d} {middle!r}")
        print(f"           at that length {filler.fill(prefix, suffix, length, language)!r}")
        print(f"           chose {chosen:2d}      {filler.fill(prefix, suffix, chosen, language)!r}")


if __name__ == "__main__":
    main()
