package tangram.nn.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Adam;
import tangram.nn.Dropout;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.nn.Plateau;
import tangram.nn.Plateau.Mode;
import tangram.nn.Schedule;
import tangram.nn.console.Terminal;
import tangram.nn.data.DataLoader;
import tangram.nn.data.Dataset;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Tensor;

class TrainerTest {
  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  private static final class Net extends Module {
    private final Linear first;
    private final Dropout dropout;
    private final Linear second;

    private Net(Device device, int hidden) {
      Init init = new Init(device, 3);
      first = child("first", new Linear(init, 3, hidden));
      dropout = child("dropout", new Dropout(init, 0.1));
      second = child("second", new Linear(init, hidden, 1));
    }

    private Tensor forward(Tensor x) {
      return second.forward(dropout.forward(first.forward(x).tanh()));
    }
  }

  private Net net;
  private DataLoader loader;
  private final List<Double> losses = new ArrayList<>();

  @BeforeEach
  void begin() {
    net = new Net(device, 8);
    Tensor x = device.randn(new Generator(1), 64, 3);
    Tensor y = x.square().sum(1).sub(1).unsqueeze(1);
    loader = new DataLoader(Dataset.of(x, y), 10).shuffle(2);
  }

  private Tensor error(Tensor[] batch) {
    return net.forward(batch[0]).sub(batch[1]).square();
  }

  private Trainer trainer() {
    return new Trainer(net, new Adam(net.parameters(), 0.02), loader)
        .loss(batch -> error(batch).mean())
        .terminal(null);
  }

  private double score() {
    double mean = Trainer.mean(loader, this::error);
    losses.add(mean);
    return mean;
  }

  @Test
  void theLossBecomesSmall() {
    double before = Trainer.mean(loader, this::error);
    Trainer.Result result = trainer().run(300);
    assertTrue(result.isDone());
    assertEquals(300, result.steps());
    double after = Trainer.mean(loader, this::error);
    assertTrue(after < 0.5 * before, before + " -> " + after);
    assertTrue(Double.isNaN(result.bestScore()));
  }

  /** What a run leaves, in files and in the network. */
  private record Left(float[] weights, List<String> validations, byte[] best) {}

  private Left run(Path to, long... stops) throws Exception {
    for (long stop : stops) {
      begin();
      Plateau plateau = new Plateau(Mode.MIN, 0.02, 0.5, 0);
      trainer()
          .schedule(plateau)
          .clipNorm(0.5)
          .validate(10, Mode.MIN, this::score)
          .folder(to, 7)
          .run(stop);
    }
    return new Left(
        net.first.parameters().get("weight").toFloats(),
        Files.readAllLines(to.resolve("validations.csv")),
        Files.readAllBytes(to.resolve("best.safetensors")));
  }

  @Test
  void aRunThatWasInterruptedHasTheSameBits() throws Exception {
    Left whole = run(folder.resolve("whole"), 60);
    // Every stop is validated, so stop where the whole run is validated too.
    Left parts = run(folder.resolve("parts"), 20, 20, 50, 60);
    assertArrayEquals(whole.weights, parts.weights);
    assertEquals(whole.validations, parts.validations);
    assertArrayEquals(whole.best, parts.best);
    assertEquals(7, whole.validations.size());
    List<String> steps = Files.readAllLines(folder.resolve("parts/steps.csv"));
    assertEquals(61, steps.size());
    assertTrue(steps.get(60).startsWith("60,"), steps.get(60));
  }

  @Test
  void aStopIsSavedAndGoesOn() throws Exception {
    Trainer[] running = new Trainer[1];
    Path run = folder.resolve("run");
    TrainingLoop loop = new TrainingLoop(10, 100, 100);
    List<String> done = new ArrayList<>();
    assertFalse(
        loop.run(
            3,
            new TrainingLoop.Work() {
              @Override
              public void step(long step) {
                done.add("step " + step);
                if (step == 5) {
                  loop.requestStop();
                }
              }

              @Override
              public void validate(long at) {
                done.add("validate " + at);
              }

              @Override
              public void save(long at) {
                done.add("save " + at);
              }
            }));
    assertEquals(List.of("step 3", "step 4", "step 5", "save 6"), done);
    running[0] = trainer().folder(run, 4);
    assertTrue(running[0].run(6).isDone());
    begin();
    assertEquals(9, trainer().folder(run, 4).run(9).steps());
    begin();
    assertEquals(9, trainer().folder(run, 4).run(9).steps(), "nothing is left to do");
  }

  @Test
  void stopsEarlyWithoutProgress() {
    double[] scores = {0.5, 0.7, 0.6, 0.7, 0.8};
    int[] count = {0};
    Path run = folder.resolve("run");
    Trainer trainer =
        trainer().validate(5, Mode.MAX, () -> scores[count[0]++]).patience(2).folder(run, 100);
    Trainer.Result result = trainer.run(100);
    assertEquals(20, result.steps());
    assertTrue(result.isDone());
    assertEquals(0.7, result.bestScore());
    Trainer again = trainer().validate(5, Mode.MAX, () -> 1).patience(2).folder(run, 100);
    assertEquals(20, again.run(100).steps(), "it had ended");
    again.loadBest();
  }

  @Test
  void theRateFollowsTheSchedule() throws Exception {
    Path run = folder.resolve("run");
    trainer().schedule(Schedule.step(0.4, 2, 0.5)).folder(run, 10).run(4);
    List<String> rates =
        Files.readAllLines(run.resolve("steps.csv")).stream().map(l -> l.split(",")[2]).toList();
    assertEquals(List.of("learning_rate", "0.4", "0.4", "0.2", "0.2"), rates);
  }

  @Test
  void progressIsShown() {
    StringWriter text = new StringWriter();
    Terminal terminal = new Terminal(new PrintWriter(text), new PrintWriter(text), true, 80);
    trainer().terminal(terminal).validate(2, Mode.MAX, () -> 0.25).run(2);
    assertTrue(text.toString().contains("1/2 ["), text.toString());
    assertTrue(text.toString().contains("score 0.2500  best"), text.toString());
  }

  @Test
  void divergenceAndMisuseAreToldOf() throws Exception {
    Trainer diverging =
        new Trainer(net, new Adam(net.parameters(), 0.1), loader)
            .terminal(null)
            .loss(batch -> error(batch).mean().mul(Double.POSITIVE_INFINITY));
    String message = assertThrows(DivergenceException.class, () -> diverging.run(3)).getMessage();
    assertTrue(message.contains("at step 1"), message);
    assertThrows(IllegalStateException.class, () -> trainer().patience(3).run(1));
    assertThrows(IllegalStateException.class, () -> trainer().loadBest());
    Trainer withoutLoss = new Trainer(net, new Adam(net.parameters(), 0.1), loader);
    assertThrows(IllegalStateException.class, () -> withoutLoss.run(1));
    Path run = folder.resolve("run");
    trainer().folder(run, 10).run(2);
    net = new Net(device, 9);
    assertThrows(FileFormatException.class, () -> trainer().folder(run, 10).run(4));
  }
}
