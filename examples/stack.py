class Stack:
    """Last in, first out."""

    def __init__(self):
        self.items = <fill>

    def push(self, item):
        self.items.append(item)

    def pop(self):
        if not self.items:
            raise IndexError("pop from an empty stack")
        return <fill>

    def __len__(self):
        return len(self.items)
