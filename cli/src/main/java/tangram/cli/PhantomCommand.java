package tangram.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Progress;
import tangram.nn.console.Terminal;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Slice;
import tangram.pclmix.phantom.HeartPhantom;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;

/** Writes generated data. */
@Command(
    name = "phantom",
    description =
        "Writes generated hearts with scribbles and truth as HDF5 files, in the layout that"
            + " 'train --data' reads, and a picture of some.",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class PhantomCommand implements Callable<Integer> {
  private static final int LARGEST = 1024;
  private static final int ROWS = 4;
  private static final int PANEL = 192;

  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "Where to write; files of the same names are replaced.")
  private Path out;

  @Option(
      names = "--patients",
      paramLabel = "RANGES",
      defaultValue = "21-100",
      description = "Which patients (default: ${DEFAULT-VALUE}, those that 'train' asks for).")
  private String patients;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Pixels along each side (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Another seed gives other hearts (default: ${DEFAULT-VALUE}).")
  private long seed;

  PhantomCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (size < HeartPhantom.SMALLEST || size > LARGEST) {
      throw new ParameterException(
          spec.commandLine(),
          "--size must be from "
              + HeartPhantom.SMALLEST
              + " to "
              + LARGEST
              + ", not '"
              + size
              + "'.");
    }
    int[] numbers = Patients.parse(patients).numbers();
    Progress progress = new Progress(terminal);
    Montage montage = new Montage(Labels.HEART, PANEL, "image", "scribble", "truth");
    int slices = 0;
    for (int i = 0; i < numbers.length; i++) {
      List<Slice> written = PhantomData.write(out, size, seed, numbers[i]);
      slices += written.size();
      if (i < ROWS) {
        add(montage, written.get((i + 1) * written.size() / (ROWS + 2)));
      }
      progress.update(i + 1, numbers.length, "patients");
    }
    progress.clear();
    Path picture = out.resolve("phantoms.png");
    montage.write(picture);
    terminal
        .out()
        .printf(
            Locale.ROOT,
            "%s: %d slices and %d volumes of patients %s, some shown in %s%n",
            out,
            slices,
            numbers.length,
            Patients.of(numbers),
            picture.getFileName());
    return 0;
  }

  private static void add(Montage montage, Slice s) {
    montage.row(
        s.name(),
        Panel.grey(s.image(), s.height(), s.width()),
        Panel.scribble(s.image(), s.scribble(), s.height(), s.width()),
        Panel.segmentation(s.image(), s.label(), s.height(), s.width()));
  }
}
