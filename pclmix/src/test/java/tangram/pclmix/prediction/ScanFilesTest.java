package tangram.pclmix.prediction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.DataException;

class ScanFilesTest {
  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("scans"));
  }

  private Path file(String name) throws IOException {
    return Files.createFile(folder.resolve(name));
  }

  @Test
  void aFolderGivesItsScansByName() throws IOException {
    Path b = file("b.nii");
    Path a = file("a.nii.gz");
    Path capital = file("C.NII.GZ");
    Path h5 = file("c.h5");
    Path almost = file("egt.nii");
    for (String other :
        List.of(
            "a_gt.nii.gz",
            "a_pred.nii.gz",
            "a_prob.nii.gz",
            "a_PREDICTION.nii",
            "a_gt_2.h5",
            ".d.nii",
            "notes.txt",
            "a_overlay.png",
            "a.img")) {
      file(other);
    }
    Files.createDirectory(folder.resolve("sub.nii"));
    assertEquals(List.of(capital, a, b, h5, almost), ScanFiles.find(List.of(folder)));
    assertTrue(ScanFiles.isHdf5(h5));
    assertFalse(ScanFiles.isHdf5(a));
  }

  @Test
  void namedFilesAreTakenWhateverTheirNameAndOnce() throws IOException {
    Path mask = file("a_gt.nii");
    Path scan = file("a.nii");
    Path again = folder.resolve("../scans/a.nii");
    assertEquals(List.of(mask, scan), ScanFiles.find(List.of(mask, folder, again)));
  }

  @Test
  void whatIsNoScanIsNamed() throws IOException {
    refused(folder.resolve("absent.nii"), "no such file or folder");
    refused(file("scan.dcm"), "ends in none of");
    refused(folder, "holds no scan", "name the folder that holds them");
    file("a_gt.nii.gz");
    refused(folder, "holds no scan", "only masks or results");
  }

  private static void refused(Path path, String... words) {
    String message =
        assertThrows(DataException.class, () -> ScanFiles.find(List.of(path))).getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }
}
