package tangram.pclmix.active;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tangram.pclmix.data.Hdf5Reader;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.data.Volume;
import tangram.pclmix.metrics.Dice;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/**
 * Measures what a session of real hearts learns, by hand: scribbles of six slices, then of four
 * more each round where it asks for them; Dice on the scans of the session and on others.
 *
 * <p>Arguments: the folder of ACDC with {@code nifti} and {@code ACDC_training_volumes}; then, if
 * they are to be others, steps of the first and of later rounds; then settings, such as {@code
 * tta=flips}.
 */
final class AcdcLoop implements ActiveData {
  private final List<NiftiImage> images = new ArrayList<>();
  private final List<ActiveScan> scans = new ArrayList<>();
  private final List<Volume> truths = new ArrayList<>();
  private final Set<SliceKey> drawn = new TreeSet<>();

  private AcdcLoop(Path acdc) throws IOException {
    for (int patient = 21; patient <= 32; patient++) {
      String start = String.format(Locale.ROOT, "patient%03d_frame", patient);
      try (var files = Files.list(acdc.resolve("ACDC_training_volumes"))) {
        List<Path> volumes =
            files.filter(f -> f.getFileName().toString().startsWith(start)).sorted().toList();
        // Both frames of the session's patients, the first of the others.
        for (Path file : patient <= 25 ? volumes : volumes.subList(0, 1)) {
          Volume v = Hdf5Reader.readVolume(file, Labels.HEART, true);
          NiftiImage image = Nifti.read(acdc.resolve("nifti").resolve(v.name() + ".nii.gz"));
          if (image.depth() != v.depth()
              || image.height() != v.height()
              || image.width() != v.width()) {
            throw new IOException(v.name() + ": the two files are of different shapes");
          }
          images.add(image);
          truths.add(v);
          scans.add(
              new ActiveScan(
                  v.name(),
                  "" + patient,
                  patient > 25,
                  1,
                  v.depth(),
                  v.height(),
                  v.width(),
                  image.spacing(),
                  true));
        }
      }
    }
  }

  public static void main(String[] arguments) throws IOException {
    AcdcLoop session = new AcdcLoop(Path.of(arguments[0]));
    Device device = Devices.get(Devices.DEFAULT);
    Path folder = Files.createTempDirectory("acdc-loop");
    ActiveModel.Listener listener =
        new ActiveModel.Listener() {
          @Override
          public void failed(String sentence) {
            System.out.println(sentence);
          }
        };
    try (ActiveTrainer trainer =
        new ActiveTrainer(device, options(arguments), session, folder, listener)) {
      List<SliceKey> next = new ArrayList<>();
      for (int scan : new int[] {0, 1, 2, 4, 6, 8}) {
        next.add(new SliceKey(scan, 0, session.scans.get(scan).depth() / 2));
      }
      for (int round = 1; round <= 6; round++) {
        next.forEach(key -> session.draw(key, trainer));
        long start = System.nanoTime();
        trainer.train(ActiveModel.Mode.ONCE);
        await(trainer);
        double seconds = (System.nanoTime() - start) * 1e-9;
        ActiveModel.Status s = trainer.status();
        TrainedModel model =
            TrainedModel.load(
                folder.resolve(String.format(Locale.ROOT, "%03d.safetensors", s.model())), device);
        System.out.printf(
            Locale.ROOT,
            "%d slices, %d steps, %.1f s: Dice %.3f / %.3f; agreement before %s, decoders %.2f,"
                + " changed %.3f %s%n",
            s.slices(),
            s.step(),
            seconds,
            session.dice(model, false),
            session.dice(model, true),
            s.agreement().stream().map(a -> String.format("%.2f", a.part())).toList(),
            s.decoders(),
            s.changed(),
            s.note() == null ? "" : s.note());
        await(trainer);
        sleep(2000);
        next = trainer.next(4).stream().map(ActiveModel.Candidate::key).toList();
        System.out.println(trainer.next(4));
      }
    }
  }

  private static ActiveOptions options(String[] arguments) {
    ActiveOptions options = ActiveOptions.ofPhantoms();
    Map<Setting, String> settings = new HashMap<>();
    for (int i = 3; i < arguments.length; i++) {
      String[] parts = arguments[i].split("=", 2);
      settings.put(Setting.valueOf(parts[0].replace('-', '_').toUpperCase(Locale.ROOT)), parts[1]);
    }
    return arguments.length < 3
        ? options
        : options
            .rounds(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))
            .with(settings);
  }

  private static void await(ActiveTrainer trainer) {
    while (trainer.status().running()) {
      sleep(20);
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private double dice(TrainedModel model, boolean others) {
    return IntStream.range(0, scans.size())
        .filter(s -> scans.get(s).heldOut() == others)
        .mapToDouble(
            s -> {
              byte[] classes = model.segmenter().segment(images.get(s).volume(0)).classes();
              return IntStream.range(1, 4)
                  .mapToDouble(c -> Dice.of(classes, truths.get(s).label(), c))
                  .average()
                  .orElseThrow();
            })
        .average()
        .orElseThrow();
  }

  private void draw(SliceKey key, ActiveModel model) {
    synchronized (drawn) {
      drawn.add(key);
    }
    byte[] scribble = scribble(key);
    Map<Integer, Byte> voxels = new HashMap<>();
    for (int i = 0; i < scribble.length; i++) {
      if (scribble[i] != Labels.HEART.unlabelled()) {
        voxels.put(i, scribble[i]);
      }
    }
    int[] index = voxels.keySet().stream().mapToInt(i -> i).sorted().toArray();
    byte[] to = new byte[index.length];
    Arrays.setAll(new int[to.length], i -> to[i] = voxels.get(index[i]));
    model.changed(key, index, to);
  }

  private static int from(SliceKey key, ActiveScan scan) {
    return key.slice() * scan.height() * scan.width();
  }

  @Override
  public Labels labels() {
    return Labels.HEART;
  }

  @Override
  public List<ActiveScan> scans() {
    return scans;
  }

  @Override
  public float[] image(SliceKey key) {
    ActiveScan scan = scans.get(key.scan());
    int from = from(key, scan);
    return Arrays.copyOfRange(
        images.get(key.scan()).floats(), from, from + scan.height() * scan.width());
  }

  @Override
  public byte[] scribble(SliceKey key) {
    ActiveScan scan = scans.get(key.scan());
    int from = from(key, scan);
    return Arrays.copyOfRange(
        truths.get(key.scan()).scribble(), from, from + scan.height() * scan.width());
  }

  @Override
  public Set<SliceKey> drawn() {
    synchronized (drawn) {
      return Set.copyOf(drawn);
    }
  }

  @Override
  public Set<SliceKey> skipped() {
    return Set.of();
  }
}
