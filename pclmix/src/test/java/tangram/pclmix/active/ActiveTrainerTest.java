package tangram.pclmix.active;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.active.ActiveModel.Candidate;
import tangram.pclmix.active.ActiveModel.ClassAgreement;
import tangram.pclmix.active.ActiveModel.Mode;
import tangram.pclmix.data.Labels;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** A small network learns hearts from scribbles that come a few slices at a time. */
class ActiveTrainerTest {
  private static final int SIZE = 32;

  private static final ActiveOptions SMALL =
      ActiveOptions.ofRandom(Preset.TINY)
          .with(
              Map.of(
                  Setting.IMAGE_SIZE,
                  "" + SIZE,
                  Setting.BATCH,
                  "8",
                  Setting.ENCODER_WIDTH,
                  "8",
                  Setting.UNET_CHANNELS,
                  "16,16,8,8,8",
                  Setting.SWIN_DIM,
                  "12",
                  Setting.EMBEDDING_DIM,
                  "16"));

  private static final List<SliceKey> FIRST =
      List.of(
          new SliceKey(0, 0, 2),
          new SliceKey(0, 0, 5),
          new SliceKey(1, 0, 3),
          new SliceKey(1, 0, 6),
          new SliceKey(2, 0, 4),
          new SliceKey(3, 0, 5));

  @TempDir private Path parent;
  private final Device device = Devices.get(Devices.DEFAULT);

  /** Does nothing, or what a test overrides; keeps failures. */
  private static class Ears implements ActiveModel.Listener {
    final List<String> failures = new CopyOnWriteArrayList<>();

    @Override
    public void failed(String sentence) {
      failures.add(sentence);
    }
  }

  private final Ears ears = new Ears();

  private ActiveTrainer trainer(ActiveOptions options, ActiveData data, String folder) {
    return new ActiveTrainer(device, options, data, parent.resolve(folder), ears);
  }

  private static void await(BooleanSupplier done) {
    long end = System.nanoTime() + 120_000_000_000L;
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "takes too long");
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Waits until no round is under way and the model in use has predicted all slices. */
  private static void settle(ActiveTrainer trainer, PhantomSession session) {
    await(
        () -> {
          ActiveModel.Status status = trainer.status();
          return !status.running()
              && session.keys().stream()
                  .allMatch(
                      key ->
                          session.scans().get(key.scan()).heldOut()
                              || trainer
                                  .prediction(key)
                                  .filter(p -> p.model() == status.model())
                                  .isPresent());
        });
  }

  private static void round(ActiveTrainer trainer, PhantomSession session) {
    trainer.train(Mode.ONCE);
    settle(trainer, session);
  }

  @Test
  void dataDrawnWhereItAsksRaisesDiceTwice() throws IOException {
    PhantomSession session = new PhantomSession(SIZE, 6);
    try (ActiveTrainer trainer = trainer(SMALL, session, "model")) {
      assertEquals("random", trainer.status().start());
      assertThrows(IllegalStateException.class, () -> trainer.train(Mode.ONCE));
      settle(trainer, session);
      double none = session.dice(trainer);
      FIRST.forEach(key -> session.draw(key, trainer));
      round(trainer, session);
      double first = session.dice(trainer);
      session.skip(new SliceKey(4, 0, 5));
      List<SliceKey> asked = new ArrayList<>();
      for (Candidate candidate : trainer.next(4)) {
        SliceKey key = candidate.key();
        assertFalse(candidate.why().isEmpty());
        assertFalse(session.skipped().contains(key));
        for (SliceKey drawn : FIRST) {
          assertTrue(
              drawn.scan() != key.scan() || Math.abs(drawn.slice() - key.slice()) > 1,
              key + " is drawn or beside a drawn one");
        }
        asked.add(key);
      }
      assertEquals(4, asked.stream().map(SliceKey::scan).distinct().count());
      asked.forEach(key -> session.draw(key, trainer));
      await(() -> trainer.status().agreement().stream().mapToInt(ClassAgreement::voxels).sum() > 0);
      round(trainer, session);
      double second = session.dice(trainer);
      assertTrue(first > none + 0.05, none + " to " + first);
      assertTrue(second > first, first + " to " + second);
      ActiveModel.Status status = trainer.status();
      assertEquals(2, status.model());
      assertEquals(10, status.slices());
      assertEquals(List.of(0, 1, 2), status.kept());
      assertEquals(List.of(), ears.failures);
      assertTrue(status.changed() > 0 && status.changed() < 1);
      assertTrue(status.decoders() > 0 && status.decoders() <= 1);
      assertEquals(status.steps(), status.losses().length);
      assertTrue(trainer.next(9).stream().noneMatch(c -> asked.contains(c.key())));
    }
    assertEquals(
        "round,slices,steps,seconds,undone,class,agreement,voxels",
        Files.readAllLines(parent.resolve("model/rounds.csv")).get(0));
    predictsAsTheFileDoes(session);
  }

  /** What is shown is what 'predict' makes of the round's file. */
  private void predictsAsTheFileDoes(PhantomSession session) {
    TrainedModel model = TrainedModel.load(parent.resolve("model/002.safetensors"), device);
    try (ActiveTrainer trainer = trainer(SMALL, session, "model")) {
      assertEquals(2, trainer.status().model());
      assertEquals(10, trainer.status().slices());
      assertEquals("random", trainer.status().start());
      settle(trainer, session);
      byte[] expected = model.segmenter().segment(Frames.scaled(session, 1, 0)).classes();
      for (int z = 0; z < 10; z++) {
        assertArrayEquals(
            Arrays.copyOfRange(expected, z * SIZE * SIZE, (z + 1) * SIZE * SIZE),
            trainer.prediction(new SliceKey(1, 0, z)).orElseThrow().classes());
      }
    }
  }

  @Test
  void sameSeedSameBitsAndBackBringsThemBack() throws IOException {
    byte[][] files = new byte[2][];
    for (int run = 0; run < 2; run++) {
      PhantomSession session = new PhantomSession(SIZE, 4, 3);
      try (ActiveTrainer trainer = trainer(SMALL.rounds(6, 4), session, "run" + run)) {
        FIRST.forEach(key -> session.draw(key, trainer));
        round(trainer, session);
        byte[] classes = trainer.prediction(FIRST.get(0)).orElseThrow().entropy();
        session.draw(new SliceKey(1, 0, 8), trainer);
        round(trainer, session);
        // The scan that is held out has judged and did not train.
        assertEquals(6, trainer.status().slices());
        assertFalse(trainer.status().heldOut().isEmpty());
        assertTrue(trainer.next(9).stream().noneMatch(c -> c.key().scan() == 3));
        files[run] = Files.readAllBytes(parent.resolve("run" + run + "/002.safetensors"));
        assertNotEquals(
            Arrays.hashCode(classes),
            Arrays.hashCode(trainer.prediction(FIRST.get(0)).orElseThrow().entropy()));
        trainer.back(1);
        settle(trainer, session);
        assertEquals(1, trainer.status().model());
        assertEquals(5, trainer.status().slices());
        assertArrayEquals(classes, trainer.prediction(FIRST.get(0)).orElseThrow().entropy());
        assertThrows(IllegalArgumentException.class, () -> trainer.back(7));
        // The next round goes on from there, with a number of its own.
        round(trainer, session);
        assertEquals(3, trainer.status().model());
      }
    }
    assertArrayEquals(files[0], files[1]);
    // The model in use is the one that was, not the latest.
    PhantomSession session = new PhantomSession(SIZE, 4, 3);
    try (ActiveTrainer trainer = trainer(SMALL, session, "run0")) {
      trainer.back(1);
    }
    try (ActiveTrainer trainer = trainer(SMALL, session, "run0")) {
      assertEquals(1, trainer.status().model());
    }
  }

  @Test
  void stopsWithinAStepAndShowsTheSliceInViewMeanwhile() {
    PhantomSession session = new PhantomSession(SIZE, 4);
    int[] steps = {0};
    ActiveTrainer[] made = {null};
    Ears stopping =
        new Ears() {
          @Override
          public void step() {
            steps[0]++;
            if (steps[0] == 3) {
              made[0].stop();
              assertThrows(IllegalStateException.class, () -> made[0].train(Mode.ONCE));
            }
          }
        };
    try (ActiveTrainer trainer =
        new ActiveTrainer(device, SMALL.rounds(200, 9), session, parent, stopping)) {
      made[0] = trainer;
      FIRST.forEach(key -> session.draw(key, trainer));
      trainer.view(new SliceKey(2, 0, 1));
      round(trainer, session);
      assertEquals(3, steps[0]);
      // What was learnt is kept.
      assertEquals(1, trainer.status().model());
      assertEquals(3, trainer.status().step());
      assertEquals(200, trainer.status().steps());
    }
  }

  @Test
  void keepsUpdatingWhileStrokesCome() {
    PhantomSession session = new PhantomSession(SIZE, 4);
    try (ActiveTrainer trainer = trainer(SMALL.rounds(3, 2), session, "model")) {
      FIRST.forEach(key -> session.draw(key, trainer));
      trainer.train(Mode.KEEP);
      settle(trainer, session);
      assertEquals(1, trainer.status().model());
      assertEquals(Mode.KEEP, trainer.status().mode());
      session.draw(new SliceKey(1, 0, 8), trainer);
      await(() -> trainer.status().model() == 2);
      settle(trainer, session);
      assertEquals(7, trainer.status().slices());
      trainer.stop();
      session.draw(new SliceKey(2, 0, 8), trainer);
      settle(trainer, session);
      assertEquals(2, trainer.status().model());
      assertEquals(null, trainer.status().mode());
    }
  }

  /** A round of nonsense at a rate that ruins the network is undone and its reason told. */
  @Test
  void aRoundThatMakesThingsWorseIsUndone() throws IOException {
    PhantomSession session = new PhantomSession(SIZE, 4);
    try (ActiveTrainer trainer = trainer(SMALL.rounds(40, 40), session, "model")) {
      FIRST.forEach(key -> session.draw(key, trainer));
      round(trainer, session);
      assertEquals(1, trainer.status().model());
    }
    ActiveOptions ruinous =
        new ActiveOptions(Optional.empty(), Preset.TINY, SMALL.settings(), 9, 9, 300);
    try (ActiveTrainer trainer = trainer(ruinous, session, "model")) {
      settle(trainer, session);
      byte[] before = trainer.prediction(FIRST.get(0)).orElseThrow().classes();
      SliceKey key = new SliceKey(1, 0, 8);
      session.draw(key, trainer);
      FIRST.forEach(k -> session.draw(k, trainer));
      round(trainer, session);
      assertEquals(1, trainer.status().model());
      assertTrue(trainer.status().note().startsWith("The round was undone"));
      assertArrayEquals(before, trainer.prediction(FIRST.get(0)).orElseThrow().classes());
      assertEquals(List.of(0, 1), trainer.status().kept());
    }
    assertTrue(Files.readString(parent.resolve("model/rounds.csv")).contains("true"));
  }

  /** Other classes: what the network has learnt to see is kept, its heads are new. */
  @Test
  void startsFromPhantomsWeightsWithClassesOfItsOwn() {
    PhantomSession hearts = new PhantomSession(64, 2);
    try (ActiveTrainer trainer = trainer(ActiveOptions.ofPhantoms(), hearts, "hearts")) {
      assertEquals("phantoms", trainer.status().start());
      settle(trainer, hearts);
      assertTrue(hearts.dice(trainer) > 0.6, "Dice " + hearts.dice(trainer));
    }
    Labels others = Labels.parse("background=#009E73,cyst=#E69F00,kidney=#56B4E9");
    PhantomSession session = new PhantomSession(others, 64, 1);
    try (ActiveTrainer trainer = trainer(ActiveOptions.ofPhantoms(), session, "others")) {
      settle(trainer, session);
      assertTrue(trainer.prediction(new SliceKey(0, 0, 0)).isPresent());
    }
    assertEquals(List.of(), ears.failures);
  }
}
