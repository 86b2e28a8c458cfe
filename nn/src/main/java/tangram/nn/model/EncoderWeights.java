package tangram.nn.model;

import static tangram.nn.FileFormatException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Weights of another program's ResNet for a {@link ResNet}: a file with torchvision's names, such
 * as one trained on ImageNet, or one of this program's with those names behind {@code encoder.}.
 *
 * <p>A stem for colour images serves grey ones when its weights are summed over the colours: it
 * then gives what it gave for an image with three equal channels. The classifier {@code fc} and
 * batch counters are left out.
 */
public final class EncoderWeights {
  private static final String STEM = "conv1.weight";
  private static final String LAST_STAGE = "layer4.0.conv1.weight";
  private static final String OWN_PREFIX = "encoder.";
  private static final int COLOURS = 3;

  /** How many names of a kind a message shows. */
  private static final int SHOWN = 4;

  private EncoderWeights() {}

  /**
   * What a file gave to an encoder.
   *
   * @param loaded names of the tensors that were filled
   * @param stemSummed whether the stem was summed over three colours
   */
  public record Match(List<String> loaded, boolean stemSummed) {}

  /**
   * The ResNet that a file's names and shapes are of, for images of one channel.
   *
   * @throws FileFormatException if it has no stem, or one of an unusual shape, or no last stage, or
   *     stages of other lengths than a ResNet-18, 34 or 50
   */
  public static ResNet.Config configOf(SafeTensors file) {
    String prefix = prefix(file);
    if (!file.contains(prefix + STEM) || file.shape(prefix + STEM).rank() != 4) {
      throw new FileFormatException(
          file.file()
              + ": holds no tensor '"
              + STEM
              + "' of four dimensions; choose a ResNet with torchvision's names.");
    }
    int width = file.shape(prefix + STEM).dim(0);
    requireWidth(file, prefix, width);
    return new ResNet.Config(depth(file, prefix), width, 1, 0);
  }

  private static int depth(SafeTensors file, String prefix) {
    boolean bottlenecks = file.contains(prefix + "layer1.0.conv3.weight");
    List<Integer> blocks = new ArrayList<>();
    for (int stage = 1; stage <= 4; stage++) {
      int count = 0;
      while (file.contains(prefix + "layer" + stage + "." + count + ".conv1.weight")) {
        count++;
      }
      blocks.add(count);
    }
    if (blocks.equals(List.of(2, 2, 2, 2)) && !bottlenecks) {
      return 18;
    }
    if (blocks.equals(List.of(3, 4, 6, 3))) {
      return bottlenecks ? 50 : 34;
    }
    throw new FileFormatException(
        file.file()
            + ": has stages of "
            + blocks.toString().replaceAll("[\\[\\]]", "")
            + (bottlenecks ? " bottlenecks" : " blocks")
            + ", which is no ResNet-18 (2, 2, 2, 2), 34 or 50 (3, 4, 6, 3); choose one of these.");
  }

  /**
   * Checks that a file holds as much as an encoder of a width needs, before memory is taken for
   * one: a few bytes can tell of any width, but its last stage takes room.
   *
   * @param prefix how the names of the encoder's tensors begin
   * @throws FileFormatException if the last stage is not there or of another width
   */
  public static void requireWidth(SafeTensors file, String prefix, int width) {
    String name = prefix + LAST_STAGE;
    Shape shape = file.contains(name) ? file.shape(name) : Shape.of();
    // At least [8 width, 4 width, ...].
    if (shape.rank() != 4 || shape.dim(0) != 8L * width || shape.size() < 32L * width * width) {
      throw new FileFormatException(
          file.file()
              + ": is not of an encoder whose first stage has "
              + width
              + " channels, "
              + quote(name)
              + (file.contains(name) ? " is " + shape : " is missing")
              + "; choose another file, or copy it again.");
    }
  }

  /**
   * Fills an encoder.
   *
   * @throws FileFormatException if a tensor has another shape or holds numbers that are not finite,
   *     if there is one that the encoder has not, or lacks one that it has; the encoder is
   *     unchanged then
   */
  public static Match load(ResNet encoder, SafeTensors file) {
    String prefix = prefix(file);
    Map<String, Tensor> state = encoder.state();
    Set<String> unused = encoder.unusedNames();
    List<String> problems = new ArrayList<>();
    for (String name : file.names()) {
      String inner = name.startsWith(prefix) ? name.substring(prefix.length()) : null;
      if (inner != null && !state.containsKey(inner) && !unused.contains(inner)) {
        problems.add(quote(name) + " is not in this encoder");
      }
    }
    Map<String, float[]> values = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    boolean[] summed = new boolean[1];
    state.forEach(
        (name, tensor) -> {
          if (!file.contains(prefix + name)) {
            missing.add(name);
            return;
          }
          Shape shape = file.shape(prefix + name);
          boolean colours = name.equals(STEM) && isOfColours(shape, tensor.shape());
          if ((!shape.equals(tensor.shape()) && !colours) || !file.isReal(prefix + name)) {
            problems.add(
                String.format(
                    "%s is %s%s instead of F32%s",
                    quote(prefix + name), file.dtype(prefix + name), shape, tensor.shape()));
          } else {
            float[] read = file.finiteFloats(prefix + name);
            values.put(name, colours ? sumOverColours(read, shape) : read);
            summed[0] |= colours;
          }
        });
    if (!problems.isEmpty()) {
      int count = problems.size();
      throw new FileFormatException(
          file.file()
              + ": is not for this encoder, "
              + String.join(", ", problems.subList(0, Math.min(SHOWN, count)))
              + (count > SHOWN ? " and " + (count - SHOWN) + " more such" : "")
              + "; choose a ResNet of its depth and width.");
    }
    if (values.isEmpty()) {
      throw new FileFormatException(
          file.file()
              + ": holds no tensor of this encoder, whose names begin with '"
              + STEM
              + "' and 'layer1.0.conv1.weight'; choose a ResNet with torchvision's names.");
    }
    if (!missing.isEmpty()) {
      // A network that starts half from chance learns, and nobody sees why it learns worse.
      throw new FileFormatException(
          file.file()
              + ": holds only "
              + values.size()
              + " of the encoder's "
              + state.size()
              + " tensors, "
              + quote(prefix + missing.get(0))
              + " is missing; choose a whole ResNet of its depth, or copy the file again.");
    }
    values.forEach((name, v) -> state.get(name).copyFrom(v, 0));
    return new Match(List.copyOf(values.keySet()), summed[0]);
  }

  /**
   * Writes the tensors that a match filled, under torchvision's names.
   *
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public static void save(ResNet encoder, Match match, Path file) {
    SafeTensorsWriter writer = SafeTensors.writer();
    Map<String, Tensor> state = encoder.state();
    match.loaded().forEach(name -> writer.put(name, state.get(name)));
    writer.write(file);
  }

  /**
   * How the names of the encoder's tensors begin: programs save it as part of a larger network, as
   * {@code module.} or {@code model.encoder.} for example.
   */
  private static String prefix(SafeTensors file) {
    List<String> prefixes = new ArrayList<>();
    for (String name : file.names()) {
      if (name.equals(STEM) || name.endsWith("." + STEM)) {
        String prefix = name.substring(0, name.length() - STEM.length());
        if (file.contains(prefix + LAST_STAGE)) {
          prefixes.add(prefix);
        }
      }
    }
    if (prefixes.isEmpty() || prefixes.contains(OWN_PREFIX)) {
      return file.contains(OWN_PREFIX + STEM) ? OWN_PREFIX : "";
    }
    if (prefixes.size() > 1 && !prefixes.contains("")) {
      throw new FileFormatException(
          file.file()
              + ": holds several encoders, "
              + String.join(", ", prefixes.stream().limit(SHOWN).map(p -> quote(p)).toList())
              + "; keep the tensors of one.");
    }
    return prefixes.contains("") ? "" : prefixes.get(0);
  }

  private static boolean isOfColours(Shape file, Shape encoder) {
    return file.rank() == 4
        && file.dim(1) == COLOURS
        && encoder.equals(Shape.of(file.dim(0), 1, file.dim(2), file.dim(3)));
  }

  private static float[] sumOverColours(float[] weights, Shape shape) {
    int kernel = shape.dim(2) * shape.dim(3);
    float[] sums = new float[shape.dim(0) * kernel];
    for (int i = 0; i < sums.length; i++) {
      double sum = 0;
      for (int c = 0; c < COLOURS; c++) {
        sum += weights[(i / kernel * COLOURS + c) * kernel + i % kernel];
      }
      sums[i] = (float) sum;
    }
    return sums;
  }
}
