"""The resize that is the first half of a resize_conv."""

CHOICES = {
    "nearest": {"coordinate": "asymmetric", "rounding": "floor"},
    "bilinear": {"coordinate": "half_pixel"},
}


def enlargement(row):
    """The row of the resize, as a row of its own op has it."""
    if row["choices"]["border"] != "zero":
        raise NotImplementedError(f'border {row["choices"]["border"]}')
    kind = row["choices"]["interpolation"]
    sizes = [i * s for i, s in zip(row["input"], row["scale"])]
    return {**row, "op": kind, "out_channels": row["in_channels"], "output": sizes, "choices": CHOICES[kind]}


def convolution(row):
    """The row of the convolution that follows it."""
    sizes = [i * s for i, s in zip(row["input"], row["scale"])]
    return {**row, "op": "conv", "input": sizes, "stride": [1] * len(sizes), "choices": {}}
