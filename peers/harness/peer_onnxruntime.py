"""onnxruntime, its CPU provider, with input and output bound before."""

import onnxruntime as ort

from . import model
from .arrays import output_shape
from .offers import offered

VERSION = ort.__version__


def load(row, arrays, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL

    def bound(name, draw):
        text, inputs = model.build(row, arrays, draw)
        session = ort.InferenceSession(text, options, providers=["CPUExecutionProvider"])
        y = ort.OrtValue.ortvalue_from_shape_and_type(output_shape(row), arrays.src.dtype.type)
        binding = session.io_binding()
        for key, value in inputs.items():
            binding.bind_ortvalue_input(key, ort.OrtValue.ortvalue_from_numpy(value))
        binding.bind_ortvalue_output("y", y)
        return {name: (lambda: session.run_with_iobinding(binding), lambda _: y.numpy())}

    return offered(model.GRAPHS, row, bound)
