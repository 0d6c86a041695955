"""PyTorch: eager, with and without oneDNN, and oneDNN with its weights packed
before, as PyTorch's compiler calls it."""

import torch

VERSION = torch.__version__


def load(row, src, weights, threads):
    if row["op"] != "conv_transpose" or row["pad_begin"] != row["pad_end"]:
        raise NotImplementedError(f'{row["op"]} with padding {row["pad_begin"]}, {row["pad_end"]}')
    torch.set_num_threads(threads)
    x, w = torch.from_numpy(src), torch.from_numpy(weights)
    where = row["stride"], row["pad_begin"], row["output_padding"], row["groups"], row["dilation"]
    transposed = getattr(torch.nn.functional, f'conv_transpose{len(row["input"])}d')

    def eager():
        with torch.inference_mode():
            return transposed(x, w, None, *where)

    def native():
        with torch.inference_mode():
            torch._C._set_mkldnn_enabled(False)
            y = transposed(x, w, None, *where)
            torch._C._set_mkldnn_enabled(True)
            return y

    runs = {"eager": eager, "eager without onednn": native}
    if packed := prepacked(row, x, w):
        runs["onednn prepacked"] = packed
    return {name: (run, lambda y: y.numpy()) for name, run in runs.items()}


def prepacked(row, x, w):
    """oneDNN with packed weights and an output that is reordered to NCHW; None
    where PyTorch has no such path (1-D is a row of 2-D to it)."""
    stride, padding, extra, dilation = (list(row[k]) for k in ("stride", "pad_begin", "output_padding", "dilation"))
    if len(row["input"]) == 1:
        x, w = x.unsqueeze(2), w.unsqueeze(2)
        stride, padding, extra, dilation = [1, *stride], [0, *padding], [0, *extra], [1, *dilation]
    groups, out = row["groups"], [row["batch"], row["out_channels"], *row["output"]]
    ops = torch.ops.mkldnn
    try:
        with torch.inference_mode():
            p = ops._reorder_convolution_transpose_weight(w, padding, extra, stride, dilation, groups, list(x.shape))
            ops._convolution_transpose_pointwise(x, p, None, padding, extra, stride, dilation, groups, "none", [], "")
    except (RuntimeError, AttributeError, NotImplementedError):
        return None

    def run():
        with torch.inference_mode():
            y = ops._convolution_transpose_pointwise(x, p, None, padding, extra, stride, dilation, groups, "none", [], "")
            return y.contiguous().view(out)

    return run
