package tangram.pclmix.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

class PhantomDataTest {
  @Test
  void trainingSlicesAreInOrderAndNamedLikeFiles() {
    List<Slice> slices = PhantomData.trainingSlices(32, 5, 4);
    assertEquals(40, slices.size());
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      CaseName name = CaseName.parse(slice.name()).orElseThrow();
      assertEquals(1 + i / 10, name.patient());
      assertEquals(i % 10, name.slice());
      assertEquals(name.patient(), slice.patient());
      Phantom phantom = HeartPhantom.slice(32, 5, 1 + i / 10, i % 10);
      assertArrayEquals(phantom.image(), slice.image());
      assertArrayEquals(phantom.label(), slice.label());
      assertArrayEquals(phantom.scribble(), slice.scribble());
    }
  }

  @Test
  void moreTrainingPatientsLeaveTheFirstOnesAsTheyWere() {
    List<Slice> few = PhantomData.trainingSlices(32, 5, 2);
    List<Slice> more = PhantomData.trainingSlices(32, 5, 3);
    for (int i = 0; i < few.size(); i++) {
      assertEquals(few.get(i).name(), more.get(i).name());
      assertArrayEquals(few.get(i).image(), more.get(i).image());
    }
  }

  @Test
  void trainingVolumesHoldTheTrainingSlices() {
    List<Volume> volumes = PhantomData.trainingVolumes(32, 5, 2);
    List<Slice> slices = PhantomData.trainingSlices(32, 5, 2);
    for (int i = 0; i < slices.size(); i++) {
      Volume volume = volumes.get(i / 10);
      int from = i % 10 * 32 * 32;
      int to = from + 32 * 32;
      assertEquals(slices.get(i).patient(), volume.patient());
      assertArrayEquals(slices.get(i).image(), Arrays.copyOfRange(volume.image(), from, to));
      assertArrayEquals(slices.get(i).scribble(), Arrays.copyOfRange(volume.scribble(), from, to));
    }
  }

  @Test
  void validationPatientsAreOthersAndHaveSpacing() {
    List<Volume> volumes = PhantomData.validationVolumes(32, 5, 3);
    assertEquals(3, volumes.size());
    for (int i = 0; i < 3; i++) {
      Volume volume = volumes.get(i);
      assertEquals(PhantomData.FIRST_VALIDATION_PATIENT + i, volume.patient());
      assertEquals(volume.patient(), CaseName.parse(volume.name()).orElseThrow().patient());
      assertEquals(10, volume.depth());
      assertEquals(volume.spacing()[1], volume.spacing()[2]);
      assertTrue(volume.spacing()[0] > 5 && volume.spacing()[1] > 170 / 32.0);
      Phantom expected = HeartPhantom.volume(32, 5, volume.patient(), 10);
      assertArrayEquals(expected.image(), volume.image());
      assertArrayEquals(expected.label(), volume.label());
    }
  }

  @Test
  void wrongNumbersOfPatientsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> PhantomData.trainingSlices(32, 5, 0));
    assertThrows(IllegalArgumentException.class, () -> PhantomData.trainingSlices(32, 5, 10_001));
    assertThrows(IllegalArgumentException.class, () -> PhantomData.validationVolumes(32, 5, 0));
  }
}
