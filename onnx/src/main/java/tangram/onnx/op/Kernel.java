package tangram.onnx.op;

import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;

/** What an operator computes. */
@FunctionalInterface
interface Kernel {
  /** The outputs, in order; those that nobody {@linkplain Call#wants wants} may be left out. */
  OnnxData[] run(Call call);

  /** A kernel with one output. */
  interface One {
    OnnxTensor run(Call call);
  }
}
