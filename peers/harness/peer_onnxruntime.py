"""onnxruntime, its CPU provider, with input and output bound before."""

import onnxruntime as ort

from . import model

VERSION = ort.__version__


def load(row, src, weights, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(model.build(row, weights), options, providers=["CPUExecutionProvider"])
    y = ort.OrtValue.ortvalue_from_shape_and_type([row["batch"], row["out_channels"], *row["output"]], src.dtype.type)
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", ort.OrtValue.ortvalue_from_numpy(src))
    binding.bind_ortvalue_output("y", y)

    def run():
        session.run_with_iobinding(binding)

    return {"io binding": (run, lambda _: y.numpy())}
