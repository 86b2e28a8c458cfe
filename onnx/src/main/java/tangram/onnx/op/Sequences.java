package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxNothing;
import tangram.onnx.OnnxSequence;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Sequences of tensors, and values that may be missing. */
final class Sequences {
  private Sequences() {}

  static void register(Operators table) {
    table.put("SequenceConstruct", c -> sequence(List.of(c.inputs())));
    table.put("SequenceEmpty", c -> sequence(List.of()));
    table.put("SequenceAt", c -> new OnnxData[] {items(c, 0).get(place(c, 1, items(c, 0).size()))});
    table.put(
        "SequenceInsert",
        c -> {
          List<OnnxData> items = new ArrayList<>(items(c, 0));
          items.add(c.has(2) ? place(c, 2, items.size() + 1) : items.size(), c.data(1));
          return sequence(items);
        });
    table.put(
        "SequenceErase",
        c -> {
          List<OnnxData> items = new ArrayList<>(items(c, 0));
          items.remove(c.has(1) ? place(c, 1, items.size()) : items.size() - 1);
          return sequence(items);
        });
    table.one("SequenceLength", c -> c.result(ElementType.INT64, new long[] {items(c, 0).size()}));
    table.one("ConcatFromSequence", Sequences::concat);
    table.put("SplitToSequence", Sequences::split);
    table.put("Optional", c -> new OnnxData[] {c.has(0) ? c.data(0) : OnnxNothing.NOTHING});
    table.put(
        "OptionalGetElement",
        c -> {
          if (c.data(0) == OnnxNothing.NOTHING) {
            throw new IllegalArgumentException("the optional holds nothing");
          }
          return new OnnxData[] {c.data(0)};
        });
    table.one(
        "OptionalHasElement",
        c -> {
          boolean there = c.has(0) && c.data(0) != OnnxNothing.NOTHING;
          return c.result(ElementType.BOOL, new long[] {there ? 1 : 0});
        });
  }

  private static OnnxData[] sequence(List<OnnxData> items) {
    return new OnnxData[] {new OnnxSequence(items)};
  }

  static List<OnnxData> items(Call c, int i) {
    OnnxData value = c.data(i);
    if (!(value instanceof OnnxSequence)) {
      throw new IllegalArgumentException("a sequence is needed, not " + value);
    }
    return ((OnnxSequence) value).items();
  }

  /** A place, from the end where negative. */
  private static int place(Call c, int i, int count) {
    long at = c.integer(i);
    // Behind the last of an insertion there is one place more, which no negative number means.
    long place = at < 0 ? at + (i == 2 ? count - 1 : count) : at;
    if (place < 0 || place >= count) {
      throw new IllegalArgumentException("there is no place " + at + " in the sequence");
    }
    return (int) place;
  }

  private static OnnxTensor concat(Call c) {
    OnnxTensor[] parts = items(c, 0).stream().map(i -> (OnnxTensor) i).toArray(OnnxTensor[]::new);
    if (parts.length == 0) {
      throw new IllegalArgumentException("an empty sequence has no elements to join");
    }
    int axis = c.attr("axis");
    if (c.flag("new_axis")) {
      int rank = parts[0].tensor().shape().rank() + 1;
      int at = c.axis(axis, rank);
      for (int i = 0; i < parts.length; i++) {
        parts[i] =
            new OnnxTensor(parts[i].type(), parts[i].tensor().unsqueeze(at), parts[i].texts());
      }
      axis = at;
    }
    return Shapes.concat(c, parts, axis);
  }

  private static OnnxData[] split(Call c) {
    Tensor x = c.t(0);
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    int length = x.dim(axis);
    int[] sizes = new int[length];
    Arrays.fill(sizes, 1);
    if (c.has(1) && c.rank(1) == 0) {
      int size = (int) c.integer(1);
      sizes = new int[(length + size - 1) / size];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = Math.min(size, length - i * size);
      }
    } else if (c.has(1)) {
      sizes = c.ints(1);
    }
    OnnxTensor[] parts = Shapes.parts(c, axis, sizes);
    if (!c.has(1) && c.attr("keepdims", 1) == 0) {
      for (int i = 0; i < parts.length; i++) {
        parts[i] =
            new OnnxTensor(parts[i].type(), parts[i].tensor().squeeze(axis), parts[i].texts());
      }
    }
    return sequence(List.of(parts));
  }
}
