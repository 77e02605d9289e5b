"""What was measured, as lines of a table."""


class Table:
    def __init__(self):
        self.rows = [("measured", "ours", "beside it", "ratio", "goal", "")]
        self.all_held = True
        self.told = 1

    def add(self, what, ours, rival="", ratio="", goal="", holds=None):
        """`holds`: whether the goal was reached; None when none was set."""
        if holds is False:
            self.all_held = False
        self.rows.append((what, ours, rival, ratio, goal, {True: "held", False: "MISSED", None: ""}[holds]))

    def new_rows(self):
        """Those that nobody has asked for yet, one line each."""
        rows, self.told = self.rows[self.told:], len(self.rows)
        return ["  ".join(cell for cell in row if cell) for row in rows]

    def text(self):
        widths = [max(len(row[column]) for row in self.rows) for column in range(6)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in self.rows]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths).rstrip()] + lines[1:])


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def mebibytes(value):
    return f"{value / 2**20:.1f} MiB"
