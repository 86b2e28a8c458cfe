package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Operators that move elements or ask for sizes. */
final class Shapes {
  private Shapes() {}

  static void register(Operators table) {
    table.put("Identity", c -> new OnnxData[] {c.data(0)});
    table.one("Constant", Shapes::constant);
    table.one("ConstantOfShape", Shapes::constantOfShape);
    table.one("Shape", Shapes::shape);
    table.one("Size", c -> c.result(ElementType.INT64, new long[] {c.t(0).size()}));
    table.one("Reshape", Shapes::reshape);
    table.one("Flatten", Shapes::flatten);
    table.one("Squeeze", Shapes::squeeze);
    table.one("Unsqueeze", Shapes::unsqueeze);
    table.one("Transpose", Shapes::transpose);
    table.one("Expand", Shapes::expand);
    table.one("Concat", Shapes::concat);
    table.put("Split", Shapes::split);
    table.one("Slice", Shapes::slice);
    table.one("Tile", Shapes::tile);
    table.one("DepthToSpace", Shapes::depthToSpace);
    table.one("SpaceToDepth", Shapes::spaceToDepth);
    table.one("Trilu", Shapes::triangle);
    table.one("ReverseSequence", Shapes::reverseSequence);
    table.one("Pad", Padding::pad);
    table.one("CenterCropPad", Padding::centre);
  }

  private static OnnxTensor constant(Call c) {
    if (c.hasAttribute("value")) {
      return c.attrTensor("value").on(c.session().home(c.attrTensor("value").type()));
    }
    if (c.hasAttribute("value_float")) {
      return c.result(ElementType.FLOAT, new float[] {c.attrReal("value_float")});
    }
    if (c.hasAttribute("value_floats")) {
      float[] values = c.attrFloats("value_floats");
      return c.result(ElementType.FLOAT, values, values.length);
    }
    if (c.hasAttribute("value_int")) {
      return c.result(ElementType.INT64, new long[] {c.attr("value_int", 0)});
    }
    if (c.hasAttribute("value_ints")) {
      long[] values = c.attrLongs("value_ints");
      return c.result(ElementType.INT64, values, values.length);
    }
    if (c.hasAttribute("value_string")) {
      return Texts.of(c, new String[] {c.attr("value_string", "")});
    }
    if (c.hasAttribute("value_strings")) {
      String[] values = c.attrTexts("value_strings");
      return Texts.of(c, values, values.length);
    }
    throw new IllegalArgumentException("no attribute gives its value");
  }

  private static OnnxTensor constantOfShape(Call c) {
    int[] dims = c.ints(0);
    if (!c.hasAttribute("value")) {
      return c.result(ElementType.FLOAT, c.session().home(ElementType.FLOAT).zeros(dims));
    }
    OnnxTensor value = constant(c);
    return Texts.result(c, value, value.tensor().reshape().expand(dims).contiguous());
  }

  private static OnnxTensor shape(Call c) {
    int[] dims = c.in(0).dims();
    int from = bound(c.attr("start", 0), dims.length);
    int to = bound(c.attr("end", dims.length), dims.length);
    long[] part = IntStream.range(from, Math.max(from, to)).mapToLong(d -> dims[d]).toArray();
    return c.result(ElementType.INT64, part, part.length);
  }

  private static int bound(long at, int length) {
    return (int) Math.max(0, Math.min(length, at < 0 ? at + length : at));
  }

  private static OnnxTensor reshape(Call c) {
    long[] wanted = c.version() < 5 ? c.attrLongs("shape") : c.longs(1);
    Tensor x = c.t(0);
    int[] dims = new int[wanted.length];
    for (int d = 0; d < dims.length; d++) {
      boolean copied = wanted[d] == 0 && !c.flag("allowzero");
      dims[d] = copied ? x.dim(d) : Math.toIntExact(wanted[d]);
    }
    return c.like(0, x.reshape(known(dims, x.size())));
  }

  /** Sizes with the one that is -1 found. */
  private static int[] known(int[] dims, int size) {
    int open = -1;
    long product = 1;
    for (int d = 0; d < dims.length; d++) {
      if (dims[d] == -1 && open < 0) {
        open = d;
      } else if (dims[d] < 0) {
        throw new IllegalArgumentException("no sizes: " + Arrays.toString(dims));
      } else {
        product *= dims[d];
      }
    }
    if (open >= 0) {
      dims[open] = product == 0 ? 0 : (int) (size / product);
    }
    return dims;
  }

  private static OnnxTensor flatten(Call c) {
    Tensor x = c.t(0);
    int rank = x.shape().rank();
    long given = c.attr("axis", 1);
    int axis = (int) (given < 0 ? given + rank : given);
    int rows = 1;
    for (int d = 0; d < axis; d++) {
      rows *= x.dim(d);
    }
    int columns = 1;
    for (int d = axis; d < rank; d++) {
      columns *= x.dim(d);
    }
    return c.like(0, x.reshape(rows, columns));
  }

  /** Axes by an attribute or, from opset 13 on, an input; null where there are none. */
  private static long[] axes(Call c) {
    return c.version() < 13 ? c.attrLongs("axes") : c.has(1) ? c.longs(1) : null;
  }

  private static OnnxTensor squeeze(Call c) {
    Tensor x = c.t(0);
    long[] axes = axes(c);
    if (axes == null) {
      return c.like(0, x.squeeze());
    }
    int[] gone = c.axes(axes, x.shape().rank());
    List<Integer> dims = new ArrayList<>();
    for (int d = 0; d < x.shape().rank(); d++) {
      int at = d;
      if (Arrays.stream(gone).noneMatch(a -> a == at)) {
        dims.add(x.dim(d));
      } else if (x.dim(d) != 1) {
        throw new IllegalArgumentException("dimension " + d + " of " + x.shape() + " is not 1");
      }
    }
    return c.like(0, x.reshape(dims.stream().mapToInt(Integer::intValue).toArray()));
  }

  private static OnnxTensor unsqueeze(Call c) {
    Tensor x = c.t(0);
    long[] axes = axes(c);
    if (axes == null) {
      throw new IllegalArgumentException("there are no axes");
    }
    int rank = x.shape().rank() + axes.length;
    int[] added = c.axes(axes, rank);
    int[] dims = new int[rank];
    for (int axis : added) {
      if (dims[axis] == 1) {
        throw new IllegalArgumentException("axis " + axis + " is named twice");
      }
      dims[axis] = 1;
    }
    int from = 0;
    for (int d = 0; d < rank; d++) {
      int at = d;
      if (Arrays.stream(added).noneMatch(a -> a == at)) {
        dims[d] = x.dim(from++);
      }
    }
    return c.like(0, x.reshape(dims));
  }

  private static OnnxTensor transpose(Call c) {
    int rank = c.rank(0);
    int[] reversed = IntStream.range(0, rank).map(d -> rank - 1 - d).toArray();
    return c.like(0, c.t(0).permute(c.attrInts("perm", reversed)));
  }

  private static OnnxTensor expand(Call c) {
    int[] wanted = c.ints(1);
    int[] own = c.in(0).dims();
    int[] dims = new int[Math.max(wanted.length, own.length)];
    for (int d = 1; d <= dims.length; d++) {
      int a = d <= wanted.length ? wanted[wanted.length - d] : 1;
      int b = d <= own.length ? own[own.length - d] : 1;
      dims[dims.length - d] = a == 1 ? b : a;
    }
    return c.like(0, c.t(0).expand(dims));
  }

  private static OnnxTensor concat(Call c) {
    OnnxTensor[] parts = new OnnxTensor[c.count()];
    Arrays.setAll(parts, c::in);
    return concat(c, parts, c.version() < 4 ? (int) c.attr("axis", 1) : c.attr("axis"));
  }

  static OnnxTensor concat(Call c, OnnxTensor[] parts, int axis) {
    OnnxTensor[] joined = Texts.together(parts);
    Tensor[] tensors = Arrays.stream(joined).map(OnnxTensor::tensor).toArray(Tensor[]::new);
    return Texts.result(c, joined[0], Tensor.cat(axis, c.together(tensors)));
  }

  private static OnnxData[] split(Call c) {
    Tensor x = c.t(0);
    int axis = c.axis(c.attr("axis", 0), x.shape().rank());
    int[] sizes = c.attrInts("split");
    if (c.has(1)) {
      sizes = c.ints(1);
    } else if (!c.hasAttribute("split")) {
      int count = (int) c.attr("num_outputs", c.outputCount());
      sizes = equalParts(x.dim(axis), count);
      if (c.version() < 18 && sizes[count - 1] != sizes[0]) {
        throw new IllegalArgumentException(x.dim(axis) + " are not " + count + " equal parts");
      }
    }
    return parts(c, axis, sizes);
  }

  static int[] equalParts(int length, int count) {
    int size = (length + count - 1) / count;
    int[] sizes = new int[count];
    Arrays.setAll(sizes, i -> Math.max(0, Math.min(size, length - i * size)));
    return sizes;
  }

  static OnnxTensor[] parts(Call c, int axis, int[] sizes) {
    Tensor x = c.t(0);
    if (Arrays.stream(sizes).sum() != x.dim(axis)) {
      throw new IllegalArgumentException(
          "parts of %s of a dimension of %s".formatted(Arrays.toString(sizes), x.dim(axis)));
    }
    OnnxTensor[] parts = new OnnxTensor[sizes.length];
    int at = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = c.like(0, x.narrow(axis, at, sizes[i]));
      at += sizes[i];
    }
    return parts;
  }

  private static OnnxTensor slice(Call c) {
    boolean old = c.version() < 10;
    int[] starts = old ? c.attrInts("starts") : c.ints(1);
    int[] ends = old ? c.attrInts("ends") : c.ints(2);
    int[] each = IntStream.range(0, starts.length).toArray();
    int[] axes = old ? c.attrInts("axes", each) : c.has(3) ? c.ints(3) : each;
    int[] steps = new int[starts.length];
    Arrays.fill(steps, 1);
    steps = c.has(4) ? c.ints(4) : steps;
    Tensor x = c.t(0);
    for (int i = 0; i < starts.length; i++) {
      int axis = c.axis(axes[i], x.shape().rank());
      x = slice(x, axis, starts[i], ends[i], steps[i]);
    }
    return c.like(0, x);
  }

  private static Tensor slice(Tensor x, int axis, int start, int end, int step) {
    int length = x.dim(axis);
    if (step > 0) {
      int from = bound(start, length);
      return x.slice(axis, from, Math.max(from, bound(end, length)), step);
    }
    if (step == 0) {
      throw new IllegalArgumentException("steps of 0");
    }
    long first = Math.max(-1, Math.min(length - 1, start < 0 ? (long) start + length : start));
    long last = Math.max(-1, Math.min(length - 1, end < 0 ? (long) end + length : end));
    int count = (int) Math.max(0, (first - last + -(long) step - 1) / -(long) step);
    if (count == 0) {
      return x.slice(axis, 0, 0);
    }
    int lowest = (int) (first + (count - 1L) * step);
    return x.slice(axis, lowest, (int) first + 1, count == 1 ? 1 : -step).flip(axis);
  }

  private static OnnxTensor tile(Call c) {
    if (c.version() < 6) {
      int[] repeats = new int[c.rank(0)];
      Arrays.fill(repeats, 1);
      repeats[c.axis((long) c.number(2), repeats.length)] = (int) c.number(1);
      return c.like(0, c.t(0).repeat(repeats));
    }
    return c.like(0, c.t(0).repeat(c.ints(1)));
  }

  private static OnnxTensor depthToSpace(Call c) {
    Tensor x = c.t(0);
    int b = c.attr("blocksize");
    int n = x.dim(0);
    int channels = x.dim(1) / (b * b);
    int h = x.dim(2);
    int w = x.dim(3);
    Tensor y =
        switch (c.attr("mode", "DCR")) {
          case "DCR" -> x.reshape(n, b, b, channels, h, w).permute(0, 3, 4, 1, 5, 2);
          case "CRD" -> x.reshape(n, channels, b, b, h, w).permute(0, 1, 4, 2, 5, 3);
          default -> throw c.refuse("attribute mode is DCR or CRD");
        };
    return c.like(0, y.reshape(n, channels, h * b, w * b));
  }

  private static OnnxTensor spaceToDepth(Call c) {
    Tensor x = c.t(0);
    int b = c.attr("blocksize");
    int n = x.dim(0);
    int channels = x.dim(1);
    int h = x.dim(2) / b;
    int w = x.dim(3) / b;
    Tensor blocks = x.reshape(n, channels, h, b, w, b);
    Tensor y =
        switch (c.attr("mode", "DCR")) {
          case "DCR" -> blocks.permute(0, 3, 5, 1, 2, 4);
          case "CRD" -> blocks.permute(0, 1, 3, 5, 2, 4);
          default -> throw c.refuse("attribute mode is DCR or CRD");
        };
    return c.like(0, y.reshape(n, channels * b * b, h, w));
  }

  private static OnnxTensor triangle(Call c) {
    int k = (int) (c.has(1) ? c.integer(1) : 0);
    Tensor x = c.t(0);
    if (c.type(0) == ElementType.STRING) {
      throw c.refuse("texts have no zero");
    }
    if (x.size() == 0) {
      return c.like(0, x);
    }
    return c.like(0, c.attr("upper", 1) != 0 ? x.triu(k) : x.tril(k));
  }

  private static OnnxTensor reverseSequence(Call c) {
    Tensor x = c.t(0);
    int time = (int) c.attr("time_axis", 0);
    int batch = (int) c.attr("batch_axis", 1);
    long[] lengths = c.longs(1);
    int[] dims = x.shape().dims();
    long[] places = new long[x.size()];
    for (int i = 0; i < places.length; i++) {
      int[] at = Moves.indices(i, dims);
      long length = lengths[at[batch]];
      if (at[time] < length) {
        at[time] = (int) length - 1 - at[time];
      }
      places[i] = Moves.place(at, dims);
    }
    return c.like(0, Moves.take(x, places, dims));
  }
}
