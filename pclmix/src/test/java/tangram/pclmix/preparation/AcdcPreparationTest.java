package tangram.pclmix.preparation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jhdf.HdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.AcdcData;
import tangram.pclmix.data.Hdf5Reader;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

/** The real volumes, which exist in both forms. */
class AcdcPreparationTest {
  @TempDir private Path folder;

  private static float[] flat(Object planes) {
    float[][][] values = (float[][][]) planes;
    int h = values[0].length;
    int w = values[0][0].length;
    float[] flat = new float[values.length * h * w];
    for (int z = 0; z < values.length; z++) {
      for (int y = 0; y < h; y++) {
        System.arraycopy(values[z][y], 0, flat, (z * h + y) * w, w);
      }
    }
    return flat;
  }

  @Test
  void volumesAreThoseThatWereGiven() {
    Path data = AcdcData.folder();
    List<SourceCase> cases = SourceFiles.find(data.resolve("nifti"), null, new Notices()).cases();
    assertEquals(40, cases.size());
    double greatest = 0;
    for (SourceCase source : cases) {
      PreparedCase prepared = PreparedCase.read(source, Labels.HEART, false);
      assertEquals(List.of(), prepared.warnings());
      Path given = data.resolve("ACDC_training_volumes").resolve(source.name().text() + ".h5");
      float[] expected;
      try (HdfFile hdf = new HdfFile(given)) {
        expected = flat(hdf.getDatasetByPath("image").getData());
      }
      float[] image = prepared.volume().image();
      assertEquals(expected.length, image.length);
      for (int i = 0; i < image.length; i++) {
        greatest = Math.max(greatest, Math.abs((double) image[i] - expected[i]));
      }
      assertArrayEquals(
          Hdf5Reader.readVolume(given, Labels.HEART, true).label(),
          prepared.volume().label(),
          given.toString());
    }
    System.out.println("greatest difference to the given volumes: " + greatest);
    assertEquals(0, greatest, 1e-6);
  }

  /** The scribbles' NIfTI files are made from the given volumes. */
  @Test
  void scribblesComeBack() throws IOException {
    Path data = AcdcData.folder();
    Path acdc = Files.createDirectory(folder.resolve("acdc"));
    Path scribbles = Files.createDirectories(folder.resolve("scribbles/deeper"));
    String[] names = {"patient021_frame01", "patient030_frame12", "patient038_frame11"};
    for (String name : names) {
      for (String end : new String[] {".nii.gz", "_gt.nii.gz"}) {
        Files.copy(data.resolve("nifti").resolve(name + end), acdc.resolve(name + end));
      }
      Volume given =
          Hdf5Reader.readVolume(
              data.resolve("ACDC_training_volumes").resolve(name + ".h5"), Labels.HEART, true);
      Nifti.write(
          scribbles.resolve(name + "_scribble.nii.gz"),
          Nifti.read(acdc.resolve(name + ".nii.gz")).header(),
          given.scribble());
    }
    Path out = folder.resolve("out");
    Preparation preparation = new Preparation(acdc, scribbles.getParent(), out, false, false);
    for (SourceCase source : SourceFiles.find(acdc, scribbles.getParent(), new Notices()).cases()) {
      assertEquals(List.of(), preparation.prepare(source).warnings());
    }
    for (String name : names) {
      Volume given =
          Hdf5Reader.readVolume(
              data.resolve("ACDC_training_volumes").resolve(name + ".h5"), Labels.HEART, true);
      Volume written =
          Hdf5Reader.readVolume(
              out.resolve("ACDC_training_volumes").resolve(name + ".h5"), Labels.HEART, true);
      assertArrayEquals(given.scribble(), written.scribble());
      assertArrayEquals(given.label(), written.label());
      assertArrayEquals(given.image(), written.image());
      assertArrayEquals(Nifti.read(acdc.resolve(name + ".nii.gz")).spacing(), written.spacing());
      int pixels = given.height() * given.width();
      for (int z = 0; z < given.depth(); z++) {
        Slice slice =
            Hdf5Reader.readSlice(
                out.resolve("ACDC_training_slices").resolve(name + "_slice_" + z + ".h5"),
                Labels.HEART,
                true);
        int from = z * pixels;
        assertArrayEquals(
            Arrays.copyOfRange(given.scribble(), from, from + pixels), slice.scribble());
        assertArrayEquals(Arrays.copyOfRange(given.label(), from, from + pixels), slice.label());
        assertArrayEquals(Arrays.copyOfRange(given.image(), from, from + pixels), slice.image());
      }
    }
  }
}
