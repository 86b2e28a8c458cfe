package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import tangram.nn.FileWriteException;
import tangram.nn.Layer;
import tangram.nn.Weights;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.NiftiImage;
import tangram.tensor.Shape;

/** Writes trained models for others: what inference needs, and no path of this machine. */
public final class ModelExport {
  /** Name of the ONNX model's input. */
  public static final String IMAGE = "image";

  /** Name of the ONNX model's output. */
  public static final String LOGITS = "logits";

  private static final List<String> HEART =
      List.of("background", "right ventricle", "myocardium", "left ventricle");

  private ModelExport() {}

  /**
   * Writes what segments under the names they have in training, to be {@linkplain TrainedModel#load
   * loaded} again.
   *
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public static void writeSafeTensors(TrainedModel model, Path file) {
    Weights.save(
        model.network(), file, Map.of(TrainedModel.CONFIG, model.config().withoutPaths().format()));
  }

  /**
   * Writes an ONNX model from {@value #IMAGE} [N, 1, H, W] to {@value #LOGITS} [N, classes, H, W].
   * Its documentation and metadata tell the classes, the image size and how to prepare images.
   *
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public static void writeOnnx(TrainedModel model, Path file) {
    Layer network = model.network();
    int size = model.config().imageSize();
    Labels labels = model.config().labels();
    boolean heart = labels.equals(Labels.HEART);
    List<String> classes =
        heart ? HEART : IntStream.range(0, labels.count()).mapToObj(labels::name).toList();
    String preparation = preparation(model.config().framing());
    new OnnxWriter(
            new OnnxValue(
                IMAGE,
                "Slices with intensities from 0 to 1; sides are multiples of 32"
                    + (model.config().framing().isResampled() ? "." : ", best " + size + "."),
                List.of("batch", "1", "height", "width")),
            new OnnxValue(
                LOGITS,
                "A score of each class at each pixel; the largest is the pixel's class.",
                List.of("batch", Integer.toString(classes.size()), "height", "width")))
        .documentation(
            "Segments "
                + (heart ? "short-axis cardiac MRI" : "slices")
                + " into "
                + String.join(", ", classes)
                + ". Trained on scribbles (PCLMix). "
                + preparation)
        .metadata("classes", String.join(",", classes))
        .metadata("image_size", Integer.toString(size))
        .metadata("preparation", preparation)
        .write("pclmix", network, network::forward, Shape.of(1, 1, 32, 32), file);
  }

  private static String preparation(Framing framing) {
    String size =
        framing.isResampled()
            ? "pixels of " + framing.millimetres() + " mm"
            : framing.side() + "x" + framing.side();
    return String.format(
        Locale.ROOT,
        "To prepare a volume, lower values above its %.0fth percentile to it (ACDC's HDF5 files are"
            + " so prepared already), then treat each slice by itself: scale it linearly so that its"
            + " least value becomes 0 and its greatest 1, and resize it to %s bilinearly with"
            + " pixel centres at (i + 0.5) / n and no smoothing%s. Resize the classes found back by"
            + " nearest neighbour.",
        NiftiImage.CLIP_PERCENTILE,
        size,
        framing.isResampled()
            ? "; put it in the middle of zeros, so that its sides become multiples of 32"
            : "");
  }
}
