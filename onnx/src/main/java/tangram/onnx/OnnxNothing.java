package tangram.onnx;

/** The value of an optional that holds none. */
public enum OnnxNothing implements OnnxData {
  /** The only one. */
  NOTHING
}
