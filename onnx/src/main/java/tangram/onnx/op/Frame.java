package tangram.onnx.op;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxSequence;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** The values of one run of a graph, and how many names each tensor has. */
final class Frame {
  private final Session session;
  private final Frame parent;
  private final Map<String, ? extends OnnxData> constants;
  private final Map<String, OnnxData> values = new HashMap<>();
  private final Map<Tensor, int[]> names = new IdentityHashMap<>();

  Frame(Session session, Map<String, ? extends OnnxData> constants, Frame parent) {
    this.session = session;
    this.constants = constants;
    this.parent = parent;
  }

  Session session() {
    return session;
  }

  /** A value of this graph or of those around it; null where there is none. */
  OnnxData get(String name) {
    for (Frame frame = this; frame != null; frame = frame.parent) {
      OnnxData value = frame.values.get(name);
      value = value == null ? frame.constants.get(name) : value;
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** Names a value that others own. */
  void lend(String name, OnnxData value) {
    values.put(name, value);
    count(value, Integer.MAX_VALUE / 2);
  }

  /** Names a value that was computed; another frame's stays the other's. */
  void put(String name, OnnxData value) {
    values.put(name, value);
    count(value, 1);
  }

  private void count(OnnxData value, int by) {
    if (value instanceof OnnxSequence) {
      ((OnnxSequence) value).items().forEach(item -> count(item, by));
    } else if (value instanceof OnnxTensor) {
      Tensor tensor = ((OnnxTensor) value).tensor();
      int[] count = names.get(tensor);
      if (count == null) {
        boolean foreign = session.isPersistent(tensor) || (parent != null && parent.knows(tensor));
        names.put(tensor, new int[] {foreign ? Integer.MAX_VALUE / 2 : by});
      } else {
        count[0] = Math.min(count[0] + by, Integer.MAX_VALUE / 2);
      }
    }
  }

  /** All tensors in some values. */
  static void tensors(List<OnnxData> values, Set<Tensor> into) {
    for (OnnxData value : values) {
      if (value instanceof OnnxTensor) {
        into.add(((OnnxTensor) value).tensor());
      } else if (value instanceof OnnxSequence) {
        tensors(((OnnxSequence) value).items(), into);
      }
    }
  }

  /** Whether a tensor has a name here or in a graph around. */
  boolean knows(Tensor tensor) {
    return names.containsKey(tensor) || (parent != null && parent.knows(tensor));
  }

  /** Takes a name away; a tensor without names is released. */
  void drop(String name) {
    OnnxData value = values.remove(name);
    if (value != null) {
      drop(value);
    }
  }

  private void drop(OnnxData value) {
    if (value instanceof OnnxSequence) {
      ((OnnxSequence) value).items().forEach(this::drop);
    } else if (value instanceof OnnxTensor) {
      Tensor tensor = ((OnnxTensor) value).tensor();
      int[] count = names.get(tensor);
      if (count != null && count[0] < Integer.MAX_VALUE / 4 && --count[0] == 0) {
        names.remove(tensor);
        tensor.release();
      }
    }
  }
}
