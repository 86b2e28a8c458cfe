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
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Notices;

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
    assertEquals(
        List.of(capital, a, b, h5, almost), ScanFiles.find(List.of(folder), new Notices()));
    assertTrue(CaseName.isHdf5(h5));
    assertFalse(CaseName.isHdf5(a));
  }

  /** As parts of longer words they say nothing. */
  @Test
  void maskWordsEndWhereTheyEnd() throws IOException {
    Path a = file("site_GTA-04.nii.gz");
    Path b = file("study_proband02.nii.gz");
    Path c = file("sub-03_predose.nii.gz");
    Path d = file("with\nnewline.NII");
    Path e = file("x.HDF5");
    assertEquals(List.of(a, b, c, d, e), ScanFiles.find(List.of(folder), new Notices()));
  }

  @Test
  void whatIsLeftOutIsTold() throws IOException {
    file("a.nii");
    for (int i = 0; i < 5; i++) {
      file("b" + i + ".nrrd");
    }
    file("a_gt.nii");
    Files.createDirectory(folder.resolve("sub.nii"));
    Notices notices = new Notices();
    ScanFiles.find(List.of(folder), notices);
    assertEquals(
        List.of(
            "5 files are left out, whose names end in none of .nii, .nii.gz, .h5 and .hdf5: "
                + folder.resolve("b0.nrrd")
                + ", "
                + folder.resolve("b1.nrrd")
                + ", "
                + folder.resolve("b2.nrrd")
                + " and 2 more.",
            "1 file is left out, being folders within a folder: "
                + folder.resolve("sub.nii")
                + "."),
        notices.warnings());
    assertEquals(
        List.of(
            "1 file is left alone, masks or results by their names: "
                + folder.resolve("a_gt.nii")
                + "."),
        notices.remarks());
  }

  @Test
  void aLinkToNothingIsAScan() throws IOException {
    Path scan = file("a.nii");
    Path link = Files.createSymbolicLink(folder.resolve("b.nii"), Path.of("nowhere"));
    assertEquals(List.of(scan, link), ScanFiles.find(List.of(folder), new Notices()));
    assertEquals(List.of(link), ScanFiles.find(List.of(link), new Notices()));
  }

  @Test
  void namedFilesAreTakenWhateverTheirNameAndOnce() throws IOException {
    Path mask = file("a_gt.nii");
    Path scan = file("a.nii");
    Path again = folder.resolve("../scans/a.nii");
    assertEquals(List.of(mask, scan), ScanFiles.find(List.of(mask, folder, again), new Notices()));
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
        assertThrows(DataException.class, () -> ScanFiles.find(List.of(path), new Notices()))
            .getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }
}
