"""PyTorch: eager, with and without oneDNN, and convolutions of oneDNN with their
weights packed before, as PyTorch's compiler calls them.

A layer here is a function of a row, an input, weights and indices, those that the
row has: it gives a function of the input."""

import math

import torch
from torch.nn import functional

from .arrays import output_shape
from .enlarge import convolution, enlargement
from .offers import offered

VERSION = torch.__version__


def load(row, arrays, threads):
    torch.set_num_threads(threads)
    x, w, indices = (None if a is None else torch.from_numpy(a) for a in (arrays.src, arrays.weights, arrays.indices))

    def call(name, entry):
        layer, around = entry
        with torch.inference_mode():
            forward = layer(row, x, w, indices)
        run = around(forward, x)
        run()  # oneDNN says only now that it has no such layer
        return {name: (run, lambda y: y.numpy())}

    return offered(CALLS, row, call)


def eager(forward, x):
    def run():
        with torch.inference_mode():
            return forward(x)

    return run


def native(forward, x):
    """Without oneDNN."""
    def run():
        with torch.inference_mode():
            torch._C._set_mkldnn_enabled(False)
            y = forward(x)
            torch._C._set_mkldnn_enabled(True)
            return y

    return run


def same_ends(row):
    """PyTorch's padding is that of both ends."""
    if row["pad_begin"] != row["pad_end"]:
        raise NotImplementedError(f'padding {row["pad_begin"]}, {row["pad_end"]}')
    return row["pad_begin"]


def transposed(row, x, w, _):
    up = getattr(functional, f'conv_transpose{len(row["input"])}d')
    where = row["stride"], same_ends(row), row["output_padding"], row["groups"], row["dilation"]
    return lambda x: up(x, w, None, *where)


def transposed_packed(row, x, w, _):
    """With an output that is reordered to NCHW. 1-D is a row of 2-D to oneDNN."""
    same_ends(row)
    stride, padding, extra, dilation = (list(row[k]) for k in ("stride", "pad_begin", "output_padding", "dilation"))
    flat, out, groups, ops = len(row["input"]) == 1, output_shape(row), row["groups"], torch.ops.mkldnn
    if flat:
        x, w = x.unsqueeze(2), w.unsqueeze(2)
        stride, padding, extra, dilation = [1, *stride], [0, *padding], [0, *extra], [1, *dilation]
    p = ops._reorder_convolution_transpose_weight(w, padding, extra, stride, dilation, groups, list(x.shape))

    def forward(x):
        x = x.unsqueeze(2) if flat else x
        y = ops._convolution_transpose_pointwise(x, p, None, padding, extra, stride, dilation, groups, "none", [], "")
        return y.contiguous().view(out)

    return forward


def convolved(row, x, w, _):
    conv = getattr(functional, f'conv{len(row["input"])}d')
    where = row["stride"], same_ends(row), row["dilation"], row["groups"]
    return lambda x: conv(x, w, None, *where)


def convolved_packed(row, x, w, _):
    where = same_ends(row), row["stride"], row["dilation"], row["groups"]
    p = torch.ops.mkldnn._reorder_convolution_weight(w, *where, list(x.shape))
    return lambda x: torch.ops.mkldnn._convolution_pointwise(x, p, None, *where, "none", [], "").contiguous()


# What interpolate is told of the coordinates.
NEAREST = {("asymmetric", "floor"): "nearest", ("half_pixel", "round_prefer_ceil"): "nearest-exact"}
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}  # by the number of axes
CORNERS = {"half_pixel": False, "align_corners": True}


def nearest(row, *_):
    mode = NEAREST[row["choices"]["coordinate"], row["choices"]["rounding"]]
    return lambda x: functional.interpolate(x, size=row["output"], mode=mode)


def bilinear(row, *_):
    corners = CORNERS[row["choices"]["coordinate"]]
    return lambda x: functional.interpolate(x, size=row["output"], mode=LINEAR[len(row["input"])], align_corners=corners)


def resized(convolve):
    """Enlarges, then convolves."""
    def layer(row, x, w, _):
        first = enlargement(row)
        up = ENLARGE[first["op"]](first)
        conv = convolve(convolution(row), up(x), w, None)
        return lambda x: conv(up(x))

    return layer


ENLARGE = {"nearest": nearest, "bilinear": bilinear}


def bed_of_nails(row, *_):
    """Zeros, then a copy into the first places of blocks."""
    first = (..., *(slice(None, None, s) for s in row["scale"]))

    def forward(x):
        y = torch.zeros(output_shape(row))
        y[first] = x
        return y

    return forward


def shuffled(row, *_):
    if len(row["input"]) != 2 or len(set(row["scale"])) != 1 or row["choices"]["order"] != "crd":
        raise NotImplementedError(f'pixel_shuffle of {row["layer"]}')
    return lambda x: torch.pixel_shuffle(x, row["scale"][0])


def pooled(row, *_):
    pool = getattr(functional, f'max_pool{len(row["input"])}d')
    where = row["kernel"], row["stride"], same_ends(row), row["dilation"]
    return lambda x: pool(x, *where)


def unpooled(row, x, w, indices):
    unpool = getattr(functional, f'max_unpool{len(row["input"])}d')
    where = row["kernel"], row["stride"], same_ends(row), row["output"]
    return lambda x: unpool(x, indices, *where)


def unpooled_scattered(row, x, w, indices):
    planes, size = (row["batch"], row["out_channels"]), math.prod(row["output"])
    indices = indices.view(*planes, -1)
    return lambda x: torch.zeros(*planes, size).scatter_(2, indices, x.view(*planes, -1)).view(output_shape(row))


# By op and name of the way: the layer, and what calls it.
CALLS = {
    "conv_transpose": {
        "eager": (transposed, eager), "eager without onednn": (transposed, native), "onednn prepacked": (transposed_packed, eager)},
    "conv": {
        "eager": (convolved, eager), "eager without onednn": (convolved, native), "onednn prepacked": (convolved_packed, eager)},
    "resize_conv": {
        "eager": (resized(convolved), eager), "eager without onednn": (resized(convolved), native),
        "onednn prepacked": (resized(convolved_packed), eager)},
    "nearest": {"interpolate": (nearest, eager)},
    "bilinear": {"interpolate": (bilinear, eager)},
    "bed_of_nails": {"zeros and copy": (bed_of_nails, eager)},
    "pixel_shuffle": {"pixel_shuffle": (shuffled, eager)},
    "max_pool": {"max_pool": (pooled, eager)},
    "max_unpool": {"max_unpool": (unpooled, eager), "scatter": (unpooled_scattered, eager)},
}
