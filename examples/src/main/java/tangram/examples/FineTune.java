package tangram.examples;

import java.nio.file.Path;
import java.util.List;
import tangram.nn.AdamW;
import tangram.nn.Loss;
import tangram.nn.data.DataLoader;
import tangram.nn.data.Dataset;
import tangram.nn.data.Idx;
import tangram.nn.training.Trainer;
import tangram.onnx.OnnxModel;
import tangram.onnx.OnnxModule;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Trains an ONNX classifier of [N, 1, 28, 28] further and writes it as ONNX again: {@code FineTune
 * MODEL.onnx FOLDER RESULT.onnx [DEVICE]}. The folder holds the files of MNIST, as for {@link
 * Digits}.
 */
public final class FineTune {
  private static final int BATCH = 64;

  private FineTune() {}

  /** Trains for an epoch. */
  public static void main(String[] args) {
    Device device = Devices.get(args.length < 4 ? "vector" : args[3]);
    Path folder = Path.of(args[1]);
    Tensor bytes = Idx.read(folder.resolve("train-images-idx3-ubyte"), device);
    Tensor classes = Idx.read(folder.resolve("train-labels-idx1-ubyte"), device);
    Dataset images = Dataset.of(bytes.to(DType.F32).div(255).unsqueeze(1), classes);
    OnnxModule model = new OnnxModule(OnnxModel.read(Path.of(args[0])), device);
    train(model, images, bytes.dim(0) / BATCH);
    write(model, Shape.of(1, 1, 28, 28), Path.of(args[2]));
  }

  static void train(OnnxModule model, Dataset images, long steps) {
    DataLoader batches = new DataLoader(images, BATCH).shuffle(0);
    new Trainer(model, new AdamW(model.parameters(), 1e-3), batches)
        .loss(batch -> Loss.crossEntropy(model.forward(batch[0]), batch[1]))
        .run(steps);
  }

  /** Writes a model of any batch. */
  static void write(OnnxModule model, Shape example, Path file) {
    String[] dims = new String[example.rank()];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = d == 0 ? "batch" : Integer.toString(example.dim(d));
    }
    model.train(false);
    OnnxValue input = new OnnxValue(model.inputs().get(0), "", List.of(dims));
    OnnxValue output = new OnnxValue(model.outputs().get(0), "", List.of("batch", "classes"));
    new OnnxWriter(input, output).write("classifier", model, model::forward, example, file);
  }
}
