package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Module;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.method.Learner;
import tangram.pclmix.method.PclMix;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.objective.UncertaintyThreshold;
import tangram.pclmix.picture.MontageParts;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

class SnapshotsTest {
  private static final int SIZE = 32;

  @TempDir Path folder;
  private final Device device = Devices.get(Devices.DEFAULT);

  /** A slice whose scribble has classes 0 to {@code classes - 1}. */
  private static Slice slice(String name, int classes, boolean labelled) {
    byte[] scribble = new byte[SIZE * SIZE];
    Arrays.fill(scribble, Labels.HEART.unlabelled());
    for (int c = 0; c < classes; c++) {
      scribble[c] = (byte) c;
    }
    byte[] label = labelled ? new byte[SIZE * SIZE] : null;
    return new Slice(name, 1, SIZE, SIZE, new float[SIZE * SIZE], label, scribble);
  }

  @Test
  void slicesAreSpreadEvenlyAmongThoseWithAllClasses() {
    List<Slice> all =
        IntStream.range(0, 60).mapToObj(i -> slice("s" + i, i % 2 == 0 ? 4 : 3, true)).toList();
    assertEquals(
        List.of("s10", "s30", "s50"), Snapshots.choose(all).stream().map(Slice::name).toList());
    List<Slice> few = List.of(slice("a", 2, true), slice("b", 3, true), slice("c", 1, true));
    assertEquals(List.of("b"), Snapshots.choose(few).stream().map(Slice::name).toList());
  }

  /** A learner whose two views are what a test wants. */
  private static final class Fixed implements Learner {
    private final Module network = new Module() {};
    private final Device device;
    private final double[] main;
    private final double[] auxiliary;

    Fixed(Device device, double[] main, double[] auxiliary) {
      this.device = device;
      this.main = main;
      this.auxiliary = auxiliary;
      network.train(true);
    }

    @Override
    public Module network() {
      return network;
    }

    @Override
    public SegmentationNetwork segmentation() {
      throw new UnsupportedOperationException();
    }

    @Override
    public StepLosses step(StepInput input, long step) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Look look(Tensor x, Tensor scribbles, long step) {
      assertFalse(network.isTraining(), "the network must not train here");
      int n = x.dim(0);
      Tensor p = probabilities(main, n);
      if (auxiliary == null) {
        return new Look(p.argmax(1).to(DType.I32), null, null);
      }
      TwoViewNetwork.Output out = new TwoViewNetwork.Output(p, probabilities(auxiliary, n), null);
      return PclMix.look(out, scribbles, 0.5, UncertaintyThreshold.at(step, 100));
    }

    private Tensor probabilities(double[] p, int n) {
      double[] all = new double[n * 4 * SIZE * SIZE];
      for (int i = 0; i < all.length; i++) {
        all[i] = p[i / (SIZE * SIZE) % 4];
      }
      return device.tensor(all, n, 4, SIZE, SIZE);
    }
  }

  private List<MontageParts.Part> draw(double[] main, double[] auxiliary, boolean labelled) {
    Dataset data = new Dataset(List.of(slice("only", 4, labelled)), SIZE);
    Fixed learner = new Fixed(device, main, auxiliary);
    Path file = folder.resolve("snapshot.png");
    new Snapshots(device, learner, data).draw(0).write(file);
    assertTrue(learner.network().isTraining(), "training must continue");
    return MontageParts.read(file);
  }

  private static int pixel(MontageParts.Part part, int x, int y) throws IOException {
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(part.png()));
    return picture.getRGB(x, y) & 0xFFFFFF;
  }

  private static final double[] SURE = {0, 0, 0, 1};
  private static final double[] UNSURE = {0.3, 0.2, 0.2, 0.3};

  @Test
  void certainPixelsAreConfirmed() throws IOException {
    List<MontageParts.Part> parts = draw(SURE, SURE, true);
    assertEquals(
        List.of("image", "scribble", "prediction", "uncertainty", "confirmed", "truth"),
        parts.stream().map(MontageParts.Part::column).toList());
    assertEquals("only, after step 0", parts.get(0).row());
    // Black half covered by the colour of the left ventricle.
    assertEquals(0x663D54, pixel(parts.get(2), 9, 9));
    assertEquals(0x000010, pixel(parts.get(3), 9, 9));
    assertEquals(pixel(parts.get(2), 9, 9), pixel(parts.get(4), 9, 9));
  }

  @Test
  void uncertainPixelsAreNotButScribblesAre() throws IOException {
    List<MontageParts.Part> parts = draw(UNSURE, UNSURE, false);
    assertEquals("confirmed", parts.get(parts.size() - 1).column(), "the truth is not known");
    assertEquals(0xCCCCCC, pixel(parts.get(4), 9, 9), "fog over black");
    assertTrue(pixel(parts.get(4), 1, 0) != 0xCCCCCC, "a scribble is always confirmed");
  }

  @Test
  void theThresholdIsThatOfTheStep() throws IOException {
    // Entropy 0.6: above the threshold at the beginning, below it at the end.
    double[] p = {0, 0, 0.29, 0.71};
    double entropy = -0.29 * Math.log(0.29) - 0.71 * Math.log(0.71);
    assertTrue(entropy > UncertaintyThreshold.at(0, 100));
    assertTrue(entropy < UncertaintyThreshold.at(100, 100));
    Dataset data = new Dataset(List.of(slice("only", 4, true)), SIZE);
    Snapshots snapshots = new Snapshots(device, new Fixed(device, p, p), data);
    Path file = folder.resolve("snapshot.png");
    snapshots.draw(0).write(file);
    assertEquals(0xCCCCCC, pixel(MontageParts.read(file).get(4), 9, 9));
    snapshots.draw(100).write(file);
    assertTrue(pixel(MontageParts.read(file).get(4), 9, 9) != 0xCCCCCC);
  }

  @Test
  void withoutAnAuxiliaryDecoderOnlyThePredictionIsShown() {
    assertEquals(
        List.of("image", "scribble", "prediction", "truth"),
        draw(SURE, null, true).stream().map(MontageParts.Part::column).toList());
  }

  @Test
  void denseTruthIsNotShownAsAScribble() {
    Dataset dense = new Dataset(List.of(slice("only", 4, true)), SIZE).denselyAnnotated();
    Path file = folder.resolve("snapshot.png");
    new Snapshots(device, new Fixed(device, SURE, null), dense).draw(0).write(file);
    assertEquals(
        List.of("image", "prediction", "truth"),
        MontageParts.read(file).stream().map(MontageParts.Part::column).toList());
  }

  private TrainingConfig config(int validateEvery) {
    return TrainingConfig.of(
        Preset.TINY,
        Map.of(
            Setting.IMAGE_SIZE, Integer.toString(SIZE),
            Setting.BATCH, "2",
            Setting.ENCODER_WIDTH, "8",
            Setting.UNET_CHANNELS, "16,16,8,8,8",
            Setting.SWIN_DIM, "12",
            Setting.EMBEDDING_DIM, "16",
            Setting.ITERATIONS, "3",
            Setting.PHANTOM_PATIENTS, "1",
            Setting.VALIDATE_EVERY, Integer.toString(validateEvery)));
  }

  private Module train(TrainingConfig config, RunFolder run) {
    TrainingData data = TrainingData.load(config, new Notices());
    Learner learner = config.method().learner(device, config, data.training());
    new Trainer(device, config, learner, data, run, new TrainingListener() {}).run();
    return learner.network();
  }

  @Test
  void snapshotsDoNotChangeTheTrainingAndGoWhenStepsAreDoneAgain() {
    RunFolder often = RunFolder.create(folder.resolve("often"), config(1));
    Map<String, Tensor> with = train(config(1), often).state();
    RunFolder once = RunFolder.create(folder.resolve("once"), config(100));
    Map<String, Tensor> without = train(config(100), once).state();
    assertEquals(List.of(1L, 2L, 3L), List.copyOf(often.snapshots().keySet()));
    assertEquals(List.of(3L), List.copyOf(once.snapshots().keySet()));
    with.forEach(
        (name, tensor) ->
            assertArrayEquals(tensor.toFloats(), without.get(name).toFloats(), 0, name));
    often.log().truncateAfter(2);
    assertEquals(List.of(1L, 2L), List.copyOf(often.snapshots().keySet()));
    assertEquals("step-000002.png", often.snapshots().get(2L).getFileName().toString());
  }

  @Test
  void theEnvironmentOfEveryStartIsKept() throws IOException {
    assertEquals(List.of(), RunEnvironment.read(folder));
    RunEnvironment.append(folder, "pclmix 1", device, 0);
    RunEnvironment.append(folder, "pclmix 2\nx", device, 40);
    List<Map<String, String>> all = RunEnvironment.read(folder);
    assertEquals(2, all.size());
    assertEquals("pclmix 1", all.get(0).get("program"));
    assertEquals("pclmix 2 x", all.get(1).get("program"));
    assertEquals("40", all.get(1).get("after-step"));
    assertEquals(device.description(), all.get(0).get("device-description"));
    Files.writeString(
        folder.resolve("environment.properties"), "rubbish\n7.device = d\n99999999999.a = b\n");
    assertEquals(List.of(Map.of("device", "d")), RunEnvironment.read(folder));
  }
}
