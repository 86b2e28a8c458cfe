package tangram.pclmix.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Notices;

class SourceFilesTest {
  @TempDir private Path acdc;
  @TempDir private Path scribbles;

  private Path touch(String name) throws IOException {
    Path file = acdc.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private void assertRefused(Object... words) {
    String message =
        assertThrows(DataException.class, () -> SourceFiles.find(acdc, null, new Notices()))
            .getMessage();
    for (Object word : words) {
      assertTrue(message.contains(word.toString()), message);
    }
  }

  @Test
  void asDownloaded() throws IOException {
    touch("training/patient010/patient010_frame01.nii.gz");
    Path truth = touch("training/patient010/patient010_frame01_gt.nii.gz");
    touch("training/patient010/patient010_4d.nii.gz");
    touch("training/patient010/Info.cfg");
    touch("training/patient010/._patient010_frame01.nii.gz");
    touch("training/.trash/patient010_frame01.nii.gz");
    Path image = touch("training/patient002/patient2_frame7.nii");
    touch("training/patient002/patient002_frame07_GT.NII.GZ");
    touch("old/patient002_frame07_pred.nii.gz");
    Path stray = touch("patient099_frame01_gt.nii.gz");
    Path scribble = Files.createFile(scribbles.resolve("patient010_frame01_scribble.nii.gz"));
    // Of the folder of the scribbles nothing else matters.
    Files.createFile(scribbles.resolve("patient010_frame01.nii.gz"));
    Files.createFile(scribbles.resolve("readme.nii.gz"));
    SourceFiles found = SourceFiles.find(acdc, scribbles, new Notices());
    assertEquals(
        List.of("patient002_frame07", "patient010_frame01"),
        found.cases().stream().map(c -> c.name().text()).toList());
    assertEquals(image, found.cases().get(0).image());
    assertNull(found.cases().get(0).scribble());
    assertEquals(truth, found.cases().get(1).truth());
    assertEquals(scribble, found.cases().get(1).scribble());
    assertEquals(1, found.series());
    assertEquals(1, found.results());
    assertEquals(List.of(stray), found.strays());
  }

  /** Of a folder in which somebody annotates, series too. */
  @Test
  void seriesAndTheirScribblesAreLeftAlone() throws IOException {
    touch("patient001_frame01.nii.gz");
    touch("patient001_frame01_scribble.nii.gz");
    touch("patient001_4d.nii.gz");
    touch("patient001_4d_scribble.nii.gz");
    touch("annotate/model/001.safetensors");
    touch("masks/patient001_frame01_pred.nii.gz");
    SourceFiles found = SourceFiles.find(acdc, null, new Notices());
    assertEquals(1, found.cases().size());
    assertEquals(2, found.series());
    assertEquals(List.of(), found.strays());
  }

  @Test
  void scribblesWithinTheFirstFolderAreFoundOnce() throws IOException {
    touch("patient001_frame01.nii.gz");
    Path scribble = touch("scribbles/patient001_frame01_scribble.nii.gz");
    assertEquals(
        scribble,
        SourceFiles.find(acdc, acdc.resolve("scribbles"), new Notices()).cases().get(0).scribble());
  }

  @Test
  void sameCaseTwice() throws IOException {
    Path one = touch("a/patient001_frame01.nii.gz");
    Path other = touch("b/patient1_frame1.nii");
    assertRefused(one, other, "twice", "move one of the two away");
  }

  @Test
  void nameWithoutPatient() throws IOException {
    touch("patient001_frame01.nii.gz");
    Path file = touch("heart.nii.gz");
    assertRefused(file, "no patient and frame", "rename");
  }

  @Test
  void nothingThere() throws IOException {
    assertRefused(acdc, "holds no scan", "--acdc");
    touch("patient001_frame01.nii.gz");
    assertRefused(acdc, "no scan has a truth", "--scribbles");
    touch("patient001_frame01_gt.nii.gz");
    String message =
        assertThrows(DataException.class, () -> SourceFiles.find(acdc, scribbles, new Notices()))
            .getMessage();
    assertTrue(message.contains("_scribble.nii.gz"), message);
    Path nowhere = acdc.resolve("nowhere");
    message =
        assertThrows(DataException.class, () -> SourceFiles.find(nowhere, null, new Notices()))
            .getMessage();
    assertTrue(message.contains("no such folder"), message);
  }

  @Test
  void linksInCirclesAndOtherFilesAreTold() throws IOException {
    touch("patient001_frame01.nii.gz");
    touch("patient001_frame01_gt.nii.gz");
    touch("patient001_frame01_seg.nrrd");
    touch("Info.cfg");
    Path circle = Files.createSymbolicLink(acdc.resolve("again"), acdc);
    Notices notices = new Notices();
    assertEquals(1, SourceFiles.find(acdc, null, notices).cases().size());
    List<String> told = notices.warnings();
    assertEquals(2, told.size(), told.toString());
    assertTrue(told.toString().contains("linking to a folder above: " + circle), told.toString());
    assertTrue(told.toString().contains("patient001_frame01_seg.nrrd"), told.toString());
  }
}
