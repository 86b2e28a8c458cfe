package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.nn.data.BatchSampler;
import tangram.nn.training.ExchangeException;
import tangram.nn.training.GradientExchange;
import tangram.nn.training.TreeSum;
import tangram.pclmix.data.Notices;
import tangram.pclmix.method.Learner;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** Batches in shards: any number of workers comes to the same bits, here as threads. */
class ShardsTest {
  private static final int STEPS = 5;
  private static final int TIMEOUT = 120;

  @TempDir private Path folder;
  private final Device device = Devices.get(Devices.DEFAULT);

  static List<Method> divisible() {
    return Methods.all().stream().filter(Method::isDivisible).toList();
  }

  private static TrainingConfig config(Method method, int shards) {
    Map<Setting, String> settings = new HashMap<>();
    settings.put(Setting.METHOD, method.key());
    settings.put(Setting.SHARDS, Integer.toString(shards));
    settings.put(Setting.IMAGE_SIZE, "32");
    settings.put(Setting.BATCH, "8");
    settings.put(Setting.ENCODER_WIDTH, "8");
    settings.put(Setting.UNET_CHANNELS, "16,16,8,8,8");
    settings.put(Setting.SWIN_DIM, "12");
    settings.put(Setting.EMBEDDING_DIM, "16");
    settings.put(Setting.ITERATIONS, Integer.toString(STEPS));
    settings.put(Setting.PHANTOM_PATIENTS, "1");
    settings.put(Setting.CHECKPOINT_EVERY, "2");
    return TrainingConfig.of(Preset.TINY, settings);
  }

  /** Exchange among threads of this process. */
  private static final class Threads {
    private final float[][] given;
    private final float[][] copies;
    private final CyclicBarrier barrier;
    private float[] sum;

    Threads(int workers) {
      given = new float[workers][];
      copies = new float[workers][];
      barrier =
          new CyclicBarrier(
              workers,
              () -> {
                TreeSum tree = new TreeSum();
                Arrays.setAll(copies, i -> given[i].clone());
                Arrays.stream(copies).forEach(tree::add);
                sum = tree.total();
              });
    }

    GradientExchange of(int rank) {
      return new GradientExchange() {
        @Override
        public int workers() {
          return given.length;
        }

        @Override
        public int rank() {
          return rank;
        }

        @Override
        public void sum(float[] values) {
          given[rank] = values;
          try {
            barrier.await(TIMEOUT, TimeUnit.SECONDS);
            System.arraycopy(sum, 0, values, 0, values.length);
            barrier.await(TIMEOUT, TimeUnit.SECONDS);
          } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new ExchangeException("a worker ended", e);
          }
        }

        @Override
        public void close() {}
      };
    }
  }

  /** Trains, begins or goes on; returns the bytes of the last checkpoint. */
  private byte[] train(TrainingConfig config, String name, int workers, IntConsumer afterStep)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    TrainingData data = TrainingData.load(config, new Notices());
    TrainingData few =
        new TrainingData(data.training(), data.validation().subList(0, 1), List.of());
    Path place = folder.resolve(name);
    boolean begun = RunFolder.exists(place);
    Threads threads = new Threads(workers);
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    List<Future<?>> ends = new ArrayList<>();
    try (RunFolder run = begun ? RunFolder.resume(place) : RunFolder.create(place, config, few)) {
      for (int rank = 1; rank < workers; rank++) {
        Learner learner = config.method().learner(device, config, few.training());
        Follower follower = new Follower(device, config, learner, few.training(), threads.of(rank));
        follower.resume(place);
        ends.add(pool.submit(follower::run));
      }
      ends.add(
          pool.submit(
              () -> {
                Learner learner = config.method().learner(device, config, few.training());
                Trainer[] trainer = new Trainer[1];
                trainer[0] =
                    new Trainer(
                        device,
                        config,
                        learner,
                        few,
                        run,
                        new TrainingListener() {
                          @Override
                          public void step(int step, StepLosses l, double rate, double seconds) {
                            if (step == 2 && afterStep != null) {
                              trainer[0].requestStop();
                              afterStep.accept(step);
                            }
                          }
                        },
                        threads.of(0));
                if (begun) {
                  trainer[0].resume();
                }
                return trainer[0].run();
              }));
      for (Future<?> end : ends) {
        end.get(TIMEOUT, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
    int last = afterStep == null ? STEPS : workers == 1 ? 2 : 3;
    return Files.readAllBytes(place.resolve("checkpoint-" + last + ".safetensors"));
  }

  private String losses(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name).resolve("metrics.csv")).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @MethodSource("divisible")
  void anyNumberOfWorkersHasTheSameBits(Method method) throws Exception {
    TrainingConfig config = config(method, 4);
    byte[] one = train(config, "one", 1, null);
    for (int workers : new int[] {2, 4}) {
      assertArrayEquals(one, train(config, "by" + workers, workers, null), workers + " workers");
      assertEquals(losses("one"), losses("by" + workers));
    }
    byte[] undivided = train(config(method, 1), "undivided", 1, null);
    assertFalse(Arrays.equals(one, undivided));
  }

  /** Stopped with four workers, after the step that the others learn of it in, and continued. */
  @Test
  void goesOnWithFewer() throws Exception {
    TrainingConfig config = config(Methods.of("pclmix").orElseThrow(), 4);
    byte[] one = train(config, "one", 1, null);
    train(config, "moved", 4, step -> {});
    assertArrayEquals(one, train(config, "moved", 2, null));
    assertEquals(losses("one"), losses("moved"));
  }

  /** What the contrast remembers comes from all shards, in their order. */
  @Test
  void fewOrManyShardsFillTheMemory() throws Exception {
    TrainingConfig config =
        config(Methods.of("pclmix").orElseThrow(), 4).with(Map.of(Setting.WARM_UP, "0"));
    train(config, "run", 2, null);
    try (tangram.nn.SafeTensors all =
        tangram.nn.SafeTensors.read(folder.resolve("run/checkpoint-5.safetensors"))) {
      int filled = Arrays.stream(all.ints("extra.queue.filled")).sum();
      assertTrue(filled > STEPS, filled + " prototypes");
    }
  }

  /** Shards have the slices, windows and motions of the whole batch. */
  @Test
  void shardsAreTheBatch() {
    Method method = Methods.of("pce").orElseThrow();
    TrainingConfig config = config(method, 4);
    TrainingData data = TrainingData.load(config, new Notices());
    BatchSampler order =
        BatchSampler.shuffled(data.training().size(), 8, BatchSampler.Last.FILL, 0);
    Batch batch = new Batch(data.training(), config, order::indices);
    var whole = new tangram.pclmix.objective.StepInput(device, 8, 32);
    var part = new tangram.pclmix.objective.StepInput(device, 2, 32);
    batch.load(3, whole);
    float[] images = whole.image().toFloats();
    float[] masks = whole.mask(1).toFloats();
    for (int shard = 0; shard < 4; shard++) {
      part.shard(shard);
      batch.load(3, part);
      int length = images.length / 4;
      assertArrayEquals(
          Arrays.copyOfRange(images, shard * length, (shard + 1) * length),
          part.image().toFloats());
      assertArrayEquals(
          Arrays.copyOfRange(masks, shard * length, (shard + 1) * length), part.mask(1).toFloats());
    }
  }

  @Test
  void impossibleShardsAreRefused() {
    Method pce = Methods.of("pce").orElseThrow();
    for (int shards : new int[] {3, 16}) {
      String message = assertThrows(SettingException.class, () -> config(pce, shards)).getMessage();
      assertTrue(message.contains("a power of two that divides --batch, which is 8"), message);
    }
    Method ustm = Methods.of("ustm").orElseThrow();
    String message = assertThrows(SettingException.class, () -> config(ustm, 2)).getMessage();
    assertTrue(message.contains("ustm cannot be divided"), message);
    assertEquals(
        divisible().stream().map(Method::key).sorted().toList(),
        Setting.SHARDS.methods().stream().sorted().toList());
  }
}
