package tangram.onnx;

import java.util.List;

/**
 * A sequence of values.
 *
 * @param items the values, in order
 */
public record OnnxSequence(List<OnnxData> items) implements OnnxData {
  /** Copies the list. */
  public OnnxSequence {
    items = List.copyOf(items);
  }
}
