package tangram.compare;

import static tangram.tensor.op.ConvOp.conv2d;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tangram.compare.OperationCase.Input;
import tangram.tensor.kernel.ConvShape;

/** The convolutions of the paper's network. */
@Command(
    name = "conv",
    description =
        "All different convolutions of the paper's network at 224x224 and batch 2, forward, and"
            + " with the gradients by input (but for the images) and weights.")
final class ConvCommand implements Runnable {
  /** Winograd's algorithm, which both sides may use, rounds more than the definition. */
  private static final double TOLERANCE = 1e-4;

  @Mixin private CompareOptions options;

  /** A convolution layer. */
  private record Layer(ConvShape shape, boolean bias) {
    /** Channels in and out, kernel and stride, input size. */
    String name() {
      return shape.c()
          + "-"
          + shape.k()
          + " "
          + shape.r()
          + "x"
          + shape.s()
          + "/"
          + shape.stride()
          + " "
          + shape.h()
          + "x"
          + shape.w()
          + (bias ? " bias" : "");
    }
  }

  @Override
  public void run() {
    NetworkCalls calls = NetworkCalls.of(Configurations.paper());
    Map<Layer, Integer> layers =
        NetworkCalls.count(
            calls.forward(), "convolution", c -> new Layer(c.get(0, ConvShape.class), c.has(3)));
    Set<ConvShape> inner =
        NetworkCalls.count(
                calls.backward(), "convolutionInputGradient", c -> c.get(0, ConvShape.class))
            .keySet()
            .stream()
            .collect(Collectors.toSet());
    List<Entry> entries = new ArrayList<>();
    layers.forEach(
        (layer, n) -> {
          for (String mode : List.of(Entry.FORWARD, Entry.TRAINING)) {
            entries.add(
                new Entry(
                    layer.name(), mode, n, () -> open(layer, mode, inner.contains(layer.shape()))));
          }
        });
    options.compare(entries, Comparison.NONE);
  }

  private Case open(Layer layer, String mode, boolean inner) {
    ConvShape s = layer.shape();
    List<Input> inputs = new ArrayList<>();
    inputs.add(Input.gaussian(0, inner, s.n(), s.c(), s.h(), s.w()));
    inputs.add(Input.gaussian(1, s.k(), s.c(), s.r(), s.s()));
    if (layer.bias()) {
      inputs.add(Input.gaussian(2, s.k()));
    }
    return new OperationCase(
        "convolution " + layer.name(),
        mode,
        TOLERANCE,
        options.device(),
        options.libtorch(),
        inputs,
        x -> conv2d(x[0], x[1], x.length > 2 ? x[2] : null, s.stride(), s.padding()),
        x -> TorchOps.conv2d(x[0], x[1], x.length > 2 ? x[2] : null, s.stride(), s.padding()));
  }
}
