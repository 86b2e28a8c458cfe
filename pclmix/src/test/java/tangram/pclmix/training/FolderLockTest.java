package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileWriteException;

/** Who may write to a folder. */
class FolderLockTest {
  private static final TrainingConfig CONFIG = TrainingConfig.of(Preset.TINY, Map.of());

  @TempDir private Path parent;

  @Test
  void oneAtATime() {
    Path folder = parent.resolve("folder");
    assertFalse(FolderLock.isLocked(folder));
    assertFalse(Files.exists(folder), "a question has made a folder");
    try (FolderLock lock = FolderLock.of(folder)) {
      // The second question too: asking must not give the lock back.
      for (int i = 0; i < 2; i++) {
        assertTrue(FolderLock.isLocked(folder));
        assertTrue(FolderLock.tryOf(folder).isEmpty());
      }
      assertTrue(lock.isInPlace());
    }
    assertFalse(FolderLock.isLocked(folder));
    FolderLock.of(folder).close();
  }

  /** The old lock was on config.properties, which the next start replaced, and locked anew. */
  @Test
  void aClaimedFolderStaysAsItIs() throws IOException {
    Path folder = parent.resolve("run");
    TrainingConfig other = CONFIG.with(Map.of(Setting.SEED, "7"));
    try (FolderLock lock = FolderLock.of(folder)) {
      // As if the first start were still between its lock and its first file.
      assertThrows(FileWriteException.class, () -> RunFolder.create(folder, other));
      assertEquals(Set.of(FolderLock.FILE), names(folder));
    }
    try (RunFolder run = RunFolder.create(folder, CONFIG)) {
      assertThrows(FileWriteException.class, () -> RunFolder.create(folder, other));
      FileWriteException e = assertThrows(FileWriteException.class, () -> RunFolder.resume(folder));
      assertTrue(e.getMessage().contains("another process is writing there"), e.getMessage());
      assertEquals(CONFIG.format(), run.config().format());
      assertTrue(RunFolder.open(folder).isLocked());
    }
    RunFolder.resume(folder).close();
  }

  @Test
  void aMovedFolderIsNotInPlace() throws IOException {
    Path folder = parent.resolve("run");
    try (FolderLock lock = FolderLock.of(folder)) {
      Files.move(folder, parent.resolve("elsewhere"));
      assertFalse(lock.isInPlace());
      Files.createDirectory(folder);
      Files.createFile(folder.resolve(FolderLock.FILE));
      assertFalse(lock.isInPlace(), "another folder of the same name");
    }
  }

  @Test
  void foldersMadeAtOnceAreDifferent() {
    Path folder = parent.resolve("runs/tiny");
    Set<Path> made = new HashSet<>();
    IntStream.range(0, 20)
        .parallel()
        .mapToObj(i -> RunFolder.makeNew(folder))
        .forEach(
            path -> {
              synchronized (made) {
                assertTrue(made.add(path), path + " twice");
              }
            });
    assertTrue(made.contains(folder));
  }

  @Test
  void leftoversOfKilledProcessesGoWithTheNextStart() throws IOException {
    Path folder = parent.resolve("run");
    RunFolder.create(folder, CONFIG).close();
    Files.createFile(folder.resolve(".metrics.csv.1234-5.tmp"));
    Files.createFile(folder.resolve(".thesis.tex.1234-5.tmp"));
    Files.createDirectory(folder.resolve("snapshots"));
    Files.createFile(folder.resolve("snapshots/.step-000003.png.12-3.tmp"));
    RunFolder.resume(folder).close();
    assertFalse(Files.exists(folder.resolve(".metrics.csv.1234-5.tmp")));
    assertTrue(Files.exists(folder.resolve(".thesis.tex.1234-5.tmp")), "not ours");
    assertEquals(Set.of(), names(folder.resolve("snapshots")));
  }

  private static Set<String> names(Path folder) throws IOException {
    Set<String> names = new HashSet<>();
    try (var files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }
}
