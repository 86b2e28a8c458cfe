package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;

/** Convolutions along up to three dimensions. */
final class Convolutions {
  private Convolutions() {}

  static void register(Operators table) {
    table.one("Conv", c -> c.like(0, conv(c, c.together(c.real(0), c.real(1), c.real(2)))));
    table.one("ConvTranspose", Convolutions::transposed);
    table.one("Col2Im", Convolutions::columnsToImage);
    table.one("DeformConv", Deform::conv);
  }

  /** How windows move along each spatial dimension. */
  record Windows(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end) {

    /** By a node's attributes, for an input of some sizes. */
    static Windows of(Call c, int[] kernel, int[] sizes) {
      int rank = sizes.length;
      int[] ones = new int[rank];
      Arrays.fill(ones, 1);
      int[] strides = c.attrInts("strides", ones);
      int[] dilations = c.attrInts("dilations", ones);
      int[] pads = c.attrInts("pads", new int[2 * rank]);
      String auto = c.attr("auto_pad", "NOTSET");
      if (kernel.length != rank
          || strides.length != rank
          || dilations.length != rank
          || pads.length != 2 * rank) {
        throw new IllegalArgumentException(
            "kernel, strides, dilations or pads are not for " + rank + " dimensions");
      }
      int[] begin = Arrays.copyOf(pads, rank);
      int[] end = Arrays.copyOfRange(pads, rank, 2 * rank);
      for (int d = 0; d < rank && !auto.equals("NOTSET"); d++) {
        int reach = dilations[d] * (kernel[d] - 1) + 1;
        int out = (sizes[d] + strides[d] - 1) / strides[d];
        int total = Math.max(0, (out - 1) * strides[d] + reach - sizes[d]);
        begin[d] =
            switch (auto) {
              case "VALID" -> 0;
              case "SAME_UPPER" -> total / 2;
              case "SAME_LOWER" -> total - total / 2;
              default -> throw c.refuse("auto_pad '" + auto + "' is not known");
            };
        end[d] = auto.equals("VALID") ? 0 : total - begin[d];
      }
      return new Windows(kernel, strides, dilations, begin, end);
    }
  }

  static int[] spatial(Tensor x) {
    return Arrays.copyOfRange(x.shape().dims(), 2, x.shape().rank());
  }

  private static int rank(Call c, Tensor x) {
    int rank = x.shape().rank() - 2;
    if (rank < 1 || rank > 3) {
      throw c.refuse("it has 1 to 3 spatial dimensions, not " + rank);
    }
    return rank;
  }

  /** An input, weights and a bias or null. */
  static Tensor conv(Call c, Tensor... x) {
    int rank = rank(c, x[0]);
    Windows w = Windows.of(c, c.attrInts("kernel_shape", spatial(x[1])), spatial(x[0]));
    if (!Arrays.equals(w.kernel, spatial(x[1]))) {
      throw new IllegalArgumentException(
          "weights %s for a kernel_shape of %s".formatted(x[1].shape(), Arrays.toString(w.kernel)));
    }
    ConvOptions options =
        ConvOptions.DEFAULT
            .stride(w.strides)
            .padding(w.begin, w.end)
            .dilation(w.dilations)
            .groups((int) c.attr("group", 1));
    return ConvOp.conv(rank, x[0], x[1], x[2], options);
  }

  private static OnnxTensor transposed(Call c) {
    Tensor[] x = c.together(c.real(0), c.real(1), c.real(2));
    int rank = rank(c, x[0]);
    int[] kernel = spatial(x[1]);
    Windows w = Windows.of(c.without("auto_pad"), kernel, spatial(x[0]));
    int[] more = c.attrInts("output_padding", new int[rank]);
    int[] shape = c.attrInts("output_shape");
    String auto = c.attr("auto_pad", "NOTSET");
    int[] begin = w.begin.clone();
    int[] end = w.end.clone();
    for (int d = 0; d < rank; d++) {
      int full =
          (x[0].dim(d + 2) - 1) * w.strides[d] + w.dilations[d] * (kernel[d] - 1) + 1 + more[d];
      boolean same = auto.startsWith("SAME");
      if (shape.length > 0 || same) {
        int wanted =
            shape.length > 0 ? shape[shape.length - rank + d] : x[0].dim(d + 2) * w.strides[d];
        int total = full - wanted;
        // What the output is longer by comes behind it.
        begin[d] = total < 0 ? 0 : auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        end[d] = total - begin[d];
      } else if (auto.equals("VALID")) {
        begin[d] = 0;
        end[d] = 0;
      }
    }
    ConvOptions options =
        ConvOptions.DEFAULT
            .stride(w.strides)
            .dilation(w.dilations)
            .groups((int) c.attr("group", 1));
    // The whole, of which padding cuts the ends off; more is added to them.
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    for (int d = 0; d < rank; d++) {
      before[d + 2] = -begin[d];
      after[d + 2] = more[d] - end[d];
    }
    Tensor y = ConvOp.convTranspose(rank, x[0], x[1], null, options);
    y = Padding.constant(y, before, after, 0);
    if (x[2] != null) {
      int[] dims = new int[rank + 1];
      Arrays.fill(dims, 1);
      dims[0] = x[2].size();
      y = y.add(x[2].reshape(dims));
    }
    return c.like(0, y);
  }

  /** Sums of the columns of blocks, where these lie in an image. */
  private static OnnxTensor columnsToImage(Call c) {
    Tensor x = c.real(0);
    int[] image = c.ints(1);
    int[] block = c.ints(2);
    Windows w = Windows.of(c, block, image);
    int rank = image.length;
    int taps = Moves.size(block, 0, rank);
    int channels = x.dim(1) / taps;
    int[] out = new int[rank];
    int[] padded = new int[rank];
    for (int d = 0; d < rank; d++) {
      padded[d] = image[d] + w.begin[d] + w.end[d];
      out[d] = (padded[d] - w.dilations[d] * (block[d] - 1) - 1) / w.strides[d] + 1;
    }
    int blocks = Moves.size(out, 0, rank);
    if (x.dim(2) != blocks) {
      throw new IllegalArgumentException(
          "%s columns where %s blocks fit".formatted(x.dim(2), blocks));
    }
    long[] places = new long[taps * blocks];
    for (int i = 0; i < places.length; i++) {
      int[] tap = Moves.indices(i / blocks, block);
      int[] at = Moves.indices(i % blocks, out);
      for (int d = 0; d < rank; d++) {
        at[d] = at[d] * w.strides[d] + tap[d] * w.dilations[d];
      }
      places[i] = Moves.place(at, padded);
    }
    int size = Moves.size(padded, 0, rank);
    int planes = x.dim(0) * channels;
    Tensor zero = x.device().zeros(x.type(), Shape.of(planes, size));
    Tensor index = Moves.index(x.device(), places, places.length);
    Tensor whole = zero.indexAdd(1, index, x.reshape(planes, taps * blocks));
    int[] dims = new int[rank + 2];
    dims[0] = x.dim(0);
    dims[1] = channels;
    System.arraycopy(padded, 0, dims, 2, rank);
    Tensor y = whole.reshape(dims);
    for (int d = 0; d < rank; d++) {
      y = y.narrow(d + 2, w.begin[d], image[d]);
    }
    return c.like(0, y);
  }
}
