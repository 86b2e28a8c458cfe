package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.SafeTensors;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.prediction.PredictionFiles;
import tangram.pclmix.study.Sensitivity;

/**
 * {@code docs/reference.md} is what the program says of itself, and the files and columns that it
 * lists are those that the program writes.
 */
@Timeout(240)
class ReferenceTest {
  private static final Path FILE = Repository.root().resolve("docs/reference.md");

  /** Parts of a file's name in the reference that represent others. */
  private static final Pattern VARIABLE =
      Pattern.compile("NNN|FF|STEP|RUN|\\*|(?<=_slice_)S(?=\\.)");

  @TempDir private Path folder;

  @Test
  void theReferenceIsThatOfTheProgram() throws IOException {
    if (Boolean.getBoolean("reference.update")) {
      Files.writeString(FILE, Reference.page());
    }
    assertEquals(
        Reference.page(),
        Files.exists(FILE) ? Files.readString(FILE) : "",
        "docs/reference.md is not up to date; write it anew with the command in CONTRIBUTING.md");
  }

  private static List<String> listed(String heading) {
    List<String> names = Reference.listed().get(heading);
    assertTrue(names != null, "'" + heading + "' is not among " + Reference.listed().keySet());
    return names;
  }

  /** Every file is listed, and every name in the list is of a file. */
  private static void assertListed(String heading, Collection<String> files) {
    List<String> unused = new ArrayList<>(listed(heading));
    List<String> unlisted = new ArrayList<>();
    for (String file : files) {
      List<String> of = listed(heading).stream().filter(name -> matches(name, file)).toList();
      unused.removeAll(of);
      if (of.isEmpty()) {
        unlisted.add(file);
      }
    }
    assertEquals(List.of(), unlisted, heading + ": files that are not listed");
    assertEquals(List.of(), unused, heading + ": listed, but not written");
  }

  private static boolean matches(String name, String file) {
    StringBuilder pattern = new StringBuilder();
    Matcher variable = VARIABLE.matcher(name);
    int from = 0;
    while (variable.find()) {
      pattern.append(Pattern.quote(name.substring(from, variable.start())));
      pattern.append(
          variable.group().equals("*") ? ".+" : variable.group().equals("RUN") ? "[^/]+" : "\\d+");
      from = variable.end();
    }
    return file.matches(pattern + Pattern.quote(name.substring(from)));
  }

  private static TreeSet<String> files(Path folder) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> names.add(folder.relativize(file).toString().replace('\\', '/')));
    }
    return names;
  }

  private static void assertColumns(Path file) throws IOException {
    String name = file.getFileName().toString();
    String header = Files.readAllLines(file).get(0);
    assertEquals(header, String.join(",", listed(name)), "columns of " + name);
  }

  @Test
  void aStudyAndItsRunsLeaveWhatIsListed() throws IOException {
    Path study = folder.resolve("study");
    String size = "--image-size 32 --batch 4 --encoder-width 8 --unet-channels 16,16,8,8,8";
    String network = "--swin-dim 12 --embedding-dim 16 --iterations 2";
    String data = "--phantom-patients 5 --held-out 1 --folds 1 --components largest";
    List<Object> arguments = new ArrayList<>(List.of("crossval", "--out", study));
    arguments.addAll(Arrays.asList((size + " " + network + " " + data).split(" ")));
    Cli.run(arguments.toArray()).assertDone();

    TreeSet<String> written = files(study);
    Sensitivity.VARIED.forEach(setting -> written.add("plot-" + setting.key() + ".png"));
    assertListed("Files of a study", written);
    assertColumns(study.resolve("results.csv"));

    Path run = study.resolve("runs/pclmix-fold-1-seed-0");
    assertListed("Files of a run", files(run));
    for (String table : new String[] {"metrics.csv", "validation.csv", "scores.csv"}) {
      assertColumns(run.resolve(table));
    }
    assertEquals(
        Files.readAllLines(run.resolve("scores.csv")).get(0),
        Files.readAllLines(run.resolve("test_scores.csv")).get(0));
    assertEquals(
        Files.readAllLines(run.resolve("environment.properties")).stream()
            .map(line -> line.substring(0, line.indexOf(" = ")).replaceFirst("1\\.", "NUMBER."))
            .toList(),
        listed("environment.properties"));
    assertTagsAreThere(run.resolve("tensorboard"));
    assertMetadata(run.resolve("best.safetensors"));
  }

  private static void assertTagsAreThere(Path folder) throws IOException {
    try (Stream<Path> events = Files.list(folder)) {
      byte[] bytes = Files.readAllBytes(events.findFirst().orElseThrow());
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      for (String tag : listed("tensorboard/")) {
        for (String one : tag.contains("*") ? all(tag) : List.of(tag)) {
          assertTrue(text.contains(one), one + " is not among the curves");
        }
      }
    }
  }

  private static List<String> all(String tag) {
    return Stream.of("average", "rv", "myo", "lv").map(name -> tag.replace("*", name)).toList();
  }

  private static void assertMetadata(Path weights) {
    Map<String, String> metadata = SafeTensors.read(weights).metadata();
    TreeSet<String> names = new TreeSet<>(metadata.keySet());
    assertEquals(new TreeSet<>(listed("best.safetensors")), names);
  }

  @Test
  void preparingLeavesWhatIsListed() throws IOException {
    Path acdc = folder.resolve("acdc");
    Volume v = PhantomData.volume(32, 1, 21);
    short[] values = new short[v.image().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (1000 * v.image()[i]);
    }
    NiftiHeader header = NiftiHeader.of(v.depth(), v.height(), v.width(), v.spacing());
    Nifti.write(acdc.resolve("patient021_frame01.nii.gz"), header, values);
    Nifti.write(acdc.resolve("patient021_frame01_gt.nii.gz"), header, v.label());
    Nifti.write(acdc.resolve("patient021_frame01_scribble.nii.gz"), header, v.scribble());
    Path out = folder.resolve("out");
    Cli.run("prepare", "--acdc", acdc, "--out", out).assertDone();
    assertListed("Files of a prepared folder", files(out));
    assertColumns(out.resolve("manifest.csv"));
    assertColumns(out.resolve("splits.csv"));
  }

  @Test
  void predictionsAreNamedAsListed() {
    PredictionFiles files = new PredictionFiles(folder, true, true);
    assertListed(
        "Files of a prediction",
        Stream.of(files.classes("X"), files.probabilities("X"), files.overlay("X"))
            .map(file -> file.getFileName().toString())
            .toList());
  }
}
