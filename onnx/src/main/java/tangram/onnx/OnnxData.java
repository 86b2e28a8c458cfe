package tangram.onnx;

/** What flows through an ONNX graph: a tensor, a sequence or nothing. */
public sealed interface OnnxData permits OnnxTensor, OnnxSequence, OnnxNothing {}
