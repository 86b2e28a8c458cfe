package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.cli.Cluster;
import tangram.nn.console.Terminal;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;

/** Scans that executors segment have the masks of {@code pclmix predict}. */
@Timeout(300)
class PredictionTest {
  private static final int SCANS = 40;
  private static final int SIZE = 48;

  @TempDir private static Path folder;
  private static Path scans;
  private static Path model;
  private final TestCluster spark = TestCluster.shared();

  @BeforeAll
  static void prepare() throws IOException {
    scans = Files.createDirectory(folder.resolve("scans"));
    for (int patient = 1; patient <= SCANS; patient++) {
      Volume volume = PhantomData.volume(SIZE, 1, patient);
      byte[] voxels = new byte[volume.image().length];
      for (int i = 0; i < voxels.length; i++) {
        voxels[i] = (byte) Math.round(100 * volume.image()[i]);
      }
      Nifti.writeSeries(
          scans.resolve("scan" + patient + ".nii.gz"),
          NiftiHeader.of(volume.depth(), SIZE, SIZE, new double[] {9, 1.25, 1.5}),
          new byte[][] {voxels});
    }
    Path whole = scans.resolve("scan1.nii.gz");
    byte[] bytes = Files.readAllBytes(whole);
    Files.write(scans.resolve("cut.nii.gz"), Arrays.copyOf(bytes, bytes.length / 2));
    TestCluster.shared()
        .run(
            TestCluster.smallest(
                "train",
                folder.resolve("run"),
                "--method",
                "pce",
                "--iterations",
                60,
                "--validate-every",
                60))
        .assertDone();
    model = folder.resolve("run/best.safetensors");
  }

  private static Map<String, FileTime> times(Path results) throws IOException {
    Map<String, FileTime> times = new HashMap<>();
    try (Stream<Path> files = Files.list(results)) {
      for (Path file : files.toList()) {
        times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  @Test
  void masksAreThoseOfOneMachine() throws Exception {
    Path alone = folder.resolve("alone");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx1g"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "tangram.cli.Main"));
    command.addAll(List.of("predict", "--model", model.toString(), "--out", alone.toString()));
    command.add(scans.toString());
    Path log = folder.resolve("alone.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(200, TimeUnit.SECONDS));
    assertEquals(1, process.exitValue(), Files.readString(log));

    Path out = folder.resolve("out");
    List<Object> predict = List.of("predict", "--model", model, "--out", out, scans);
    TestCluster.Result result = spark.run(predict);
    assertEquals(1, result.code(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    String cut = scans.resolve("cut.nii.gz").toUri().getPath();
    assertTrue(result.err().contains(cut), result.err());
    assertTrue(result.out().contains("40 scans are segmented, 1 failed."), result.out());
    Map<String, FileTime> made = times(out);
    assertEquals(times(alone).keySet(), made.keySet());
    assertEquals(SCANS, made.size());
    long foreground = 0;
    for (String name : made.keySet()) {
      byte[] mask = Files.readAllBytes(out.resolve(name));
      assertArrayEquals(Files.readAllBytes(alone.resolve(name)), mask, name);
      foreground += Files.size(out.resolve(name));
    }
    assertTrue(foreground > 300 * SCANS, "masks of background alone prove little");

    Files.delete(scans.resolve("cut.nii.gz"));
    TestCluster.Result again = spark.run(predict).assertDone();
    assertTrue(again.out().contains("40, 40 of them done before"), again.out());
    assertEquals(made, times(out));
  }

  /** Many tasks of an executor have one model. */
  @Test
  void aModelIsLoadedOnceByAnExecutor() throws IOException {
    Terminal terminal =
        new Terminal(
            new java.io.PrintWriter(System.out), new java.io.PrintWriter(System.err), false, 80);
    Cluster.Segmentation wanted =
        new Cluster.Segmentation(
            List.of(scans.toString()),
            model.toString(),
            folder.resolve("once").toString(),
            false,
            false,
            Map.of(),
            "vector");
    List<String> some =
        Stream.iterate(1, i -> i + 1)
            .limit(24)
            .map(i -> scans.resolve("scan" + i + ".nii.gz").toUri().toString())
            .toList();
    List<SegmentTask.Outcome> outcomes =
        new SharedPrediction(spark.cluster().context(), terminal, wanted)
            .segment(some, Files.readAllBytes(model));
    assertEquals(24, outcomes.size());
    Map<String, Integer> models = new HashMap<>();
    Map<String, Integer> least = new HashMap<>();
    for (SegmentTask.Outcome outcome : outcomes) {
      models.merge(outcome.executor(), outcome.models(), Math::max);
      least.merge(outcome.executor(), outcome.models(), Math::min);
    }
    assertEquals(2, models.size(), "both executors work");
    assertEquals(least, models, "no model is loaded after the first scan");
  }

  @Test
  void whatIsWrongWithTheModelIsSaidOnce() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.safetensors"), "no weights");
    TestCluster.Result result =
        spark.run(List.of("predict", "--model", bad, "--out", folder.resolve("none"), scans));
    assertEquals(1, result.code());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(bad + ":"), result.err());
    assertFalse(Files.exists(folder.resolve("none")));
    result =
        spark.run(
            List.of("predict", "--model", model, "--out", folder.resolve("x"), "nowhere/at/all"));
    assertEquals(1, result.code());
    assertTrue(result.err().contains("nowhere/at/all: there is no such file"), result.err());
  }
}
