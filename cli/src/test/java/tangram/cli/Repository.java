package tangram.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of this repository that people read. */
final class Repository {
  private Repository() {}

  /** The folder that holds the launcher. */
  static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(at.resolve("bin/pclmix"))) {
      at = at.getParent();
      if (at == null) {
        throw new IllegalStateException("the tests run outside the repository");
      }
    }
    return at;
  }

  /** The README, CONTRIBUTING and everything in {@code docs}, in order. */
  static List<Path> documents() throws IOException {
    List<Path> documents =
        new ArrayList<>(List.of(root().resolve("README.md"), root().resolve("CONTRIBUTING.md")));
    try (Stream<Path> files = Files.list(root().resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }
}
