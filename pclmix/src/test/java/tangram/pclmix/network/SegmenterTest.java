package tangram.pclmix.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.nn.Init;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Volume;
import tangram.pclmix.network.SegmentationOptions.Resizing;
import tangram.pclmix.network.SegmentationOptions.Views;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** A network of random weights, whose classes are all over the place. */
class SegmenterTest {
  private static final int SIZE = 32;
  private static final int DEPTH = 10;
  private static final int HEIGHT = 40;
  private static final int WIDTH = 56;

  private final Device device = Devices.get(Devices.DEFAULT);
  private final SegmentationNetwork network =
      new SegmentationNetwork(
          new Init(device, 3), TrainingConfig.of(Preset.TINY, Map.of()).network());
  private final Volume volume = volume(HEIGHT, WIDTH);

  private static Volume volume(int height, int width) {
    CounterRandom random = new CounterRandom(1, 2, 3, 4);
    float[] image = new float[DEPTH * height * width];
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    return new Volume("v", 0, DEPTH, height, width, image, null, null, null);
  }

  private Segmenter.Segmentation segment(
      Volume v, ComponentFilter components, Resizing resizing, Views views) {
    SegmentationOptions options = new SegmentationOptions(components, resizing, views);
    return new Segmenter(device, network, Labels.HEART, Framing.square(SIZE), options)
        .segment(v, true);
  }

  private static byte[] mostProbable(float[][] p, int from, int to) {
    byte[] classes = new byte[to - from];
    for (int i = from; i < to; i++) {
      for (byte c = 1; c < p.length; c++) {
        if (p[c][i] > p[classes[i - from]][i]) {
          classes[i - from] = c;
        }
      }
    }
    return classes;
  }

  @Test
  void bilinearClassesAreTheMostProbable() {
    Segmenter.Segmentation plain =
        segment(volume, ComponentFilter.NONE, Resizing.NEAREST, Views.NONE);
    Segmenter.Segmentation bilinear =
        segment(volume, ComponentFilter.NONE, Resizing.BILINEAR, Views.NONE);
    for (int c = 0; c < 4; c++) {
      assertArrayEquals(plain.probabilities()[c], bilinear.probabilities()[c]);
    }
    byte[] expected = mostProbable(bilinear.probabilities(), 0, DEPTH * HEIGHT * WIDTH);
    assertArrayEquals(expected, bilinear.classes());
    assertTrue(!Arrays.equals(plain.classes(), bilinear.classes()));

    // Without probabilities, which then need less memory, it is the same.
    SegmentationOptions options =
        new SegmentationOptions(ComponentFilter.NONE, Resizing.BILINEAR, Views.NONE);
    Segmenter segmenter =
        new Segmenter(device, network, Labels.HEART, Framing.square(SIZE), options);
    assertArrayEquals(expected, segmenter.segment(volume).classes());
    assertSame(options, segmenter.options());
  }

  /** Where a slice needs no resizing, nearest and bilinear are one. */
  @Test
  void resizingIsNothingAtTheNetworksSize() {
    Volume v = volume(SIZE, SIZE);
    for (Views views : Views.values()) {
      assertArrayEquals(
          segment(v, ComponentFilter.NONE, Resizing.NEAREST, views).classes(),
          segment(v, ComponentFilter.NONE, Resizing.BILINEAR, views).classes());
    }
  }

  /** Turning the slices turns the mean over all orientations, which no single view does. */
  @Test
  void theMeanOverViewsTurnsWithTheSlice() {
    Volume v = volume(SIZE, SIZE);
    float[] turned = new float[v.image().length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = v.image()[turned(i)];
    }
    Volume w = new Volume("w", 0, DEPTH, SIZE, SIZE, turned, null, null, null);
    for (Views views : Views.values()) {
      float[][] p = segment(v, ComponentFilter.NONE, Resizing.NEAREST, views).probabilities();
      float[][] q = segment(w, ComponentFilter.NONE, Resizing.NEAREST, views).probabilities();
      double difference = 0;
      for (int c = 0; c < p.length; c++) {
        for (int i = 0; i < turned.length; i++) {
          difference = Math.max(difference, Math.abs(p[c][turned(i)] - q[c][i]));
        }
      }
      assertTrue(views == Views.FLIPS ? difference < 1e-5 : difference > 1e-3, "" + difference);
    }
  }

  /** A quarter turn and a flip of every slice. */
  private static int turned(int i) {
    int x = i % SIZE;
    int y = i / SIZE % SIZE;
    return i - y * SIZE - x + x * SIZE + y;
  }

  /** The mean of views by hand: eight plain segmentations of turned slices. */
  @Test
  void viewsAreTheEightOrientations() {
    Volume v = volume(SIZE, SIZE);
    int pixels = SIZE * SIZE;
    float[][] mean = new float[4][DEPTH * pixels];
    for (int turns = 0; turns < 4; turns++) {
      for (boolean mirrored : new boolean[] {false, true}) {
        int[] source = new int[pixels];
        for (int i = 0; i < pixels; i++) {
          int y = i / SIZE;
          int x = mirrored ? SIZE - 1 - i % SIZE : i % SIZE;
          for (int t = 0; t < turns; t++) {
            int old = y;
            y = x;
            x = SIZE - 1 - old;
          }
          source[i] = y * SIZE + x;
        }
        float[] image = new float[v.image().length];
        for (int i = 0; i < image.length; i++) {
          image[i] = v.image()[i - i % pixels + source[i % pixels]];
        }
        float[][] p =
            segment(
                    new Volume("t", 0, DEPTH, SIZE, SIZE, image, null, null, null),
                    ComponentFilter.NONE,
                    Resizing.NEAREST,
                    Views.NONE)
                .probabilities();
        for (int c = 0; c < 4; c++) {
          for (int i = 0; i < image.length; i++) {
            mean[c][i - i % pixels + source[i % pixels]] += p[c][i] / 8;
          }
        }
      }
    }
    float[][] views =
        segment(v, ComponentFilter.NONE, Resizing.NEAREST, Views.FLIPS).probabilities();
    for (int c = 0; c < 4; c++) {
      assertArrayEquals(mean[c], views[c], 1e-5f);
    }
  }

  @Test
  void nearestTakesTheClassesOfTheMean() {
    Segmenter.Segmentation s = segment(volume, ComponentFilter.NONE, Resizing.NEAREST, Views.FLIPS);
    Volume small = resized();
    float[][] p =
        segment(small, ComponentFilter.NONE, Resizing.NEAREST, Views.FLIPS).probabilities();
    byte[] expected = new byte[DEPTH * HEIGHT * WIDTH];
    for (int z = 0; z < DEPTH; z++) {
      int pixels = SIZE * SIZE;
      Resize.nearest(
          mostProbable(p, z * pixels, (z + 1) * pixels),
          0,
          SIZE,
          SIZE,
          expected,
          z * HEIGHT * WIDTH,
          HEIGHT,
          WIDTH);
    }
    assertArrayEquals(expected, s.classes());
  }

  private Volume resized() {
    float[] image = new float[DEPTH * SIZE * SIZE];
    for (int z = 0; z < DEPTH; z++) {
      Resize.bilinear(
          volume.image(), z * HEIGHT * WIDTH, HEIGHT, WIDTH, image, z * SIZE * SIZE, SIZE, SIZE);
    }
    return new Volume("s", 0, DEPTH, SIZE, SIZE, image, null, null, null);
  }

  @Test
  void theFilterLeavesTheUnfilteredClasses() {
    Segmenter.Segmentation plain =
        segment(volume, ComponentFilter.NONE, Resizing.NEAREST, Views.NONE);
    assertSame(plain.classes(), plain.unfiltered());
    Segmenter.Segmentation largest =
        segment(volume, ComponentFilter.LARGEST, Resizing.NEAREST, Views.NONE);
    assertNotSame(largest.classes(), largest.unfiltered());
    assertArrayEquals(plain.classes(), largest.unfiltered());
    assertArrayEquals(
        ComponentFilter.LARGEST.apply(plain.classes(), Labels.HEART, DEPTH, HEIGHT, WIDTH),
        largest.classes());
    assertEquals(4, largest.probabilities().length);
  }

  /** A slice that needs no resampling but padding: the network sees it with zeros around it. */
  @Test
  void resampledSlicesArePadded() {
    Volume v =
        new Volume(
            "v", 0, DEPTH, HEIGHT, WIDTH, volume.image(), null, new double[] {9, 2, 2}, null);
    Framing framing = new Framing(SIZE, 2);
    Segmenter segmenter =
        new Segmenter(device, network, Labels.HEART, framing, SegmentationOptions.PLAIN);
    Segmenter.Segmentation found = segmenter.segment(v, true);
    float[] padded = new float[64 * 64];
    for (int y = 0; y < HEIGHT; y++) {
      System.arraycopy(v.image(), y * WIDTH, padded, (12 + y) * 64 + 4, WIDTH);
    }
    network.train(false);
    int[] classes =
        network.forward(device.tensor(padded, 1, 1, 64, 64)).argmax(1).to(DType.I32).toInts();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        assertEquals(classes[(12 + y) * 64 + 4 + x], found.classes()[y * WIDTH + x]);
      }
    }
    assertArrayEquals(
        mostProbable(found.probabilities(), 0, HEIGHT * WIDTH),
        Arrays.copyOf(found.classes(), HEIGHT * WIDTH));
    // Twice as fine, and back: of the volume's own size again.
    for (Views views : Views.values()) {
      SegmentationOptions options =
          new SegmentationOptions(ComponentFilter.NONE, Resizing.BILINEAR, views);
      Segmenter fine = new Segmenter(device, network, Labels.HEART, new Framing(SIZE, 1), options);
      assertEquals(DEPTH * HEIGHT * WIDTH, fine.segment(v).classes().length);
    }
  }

  /** A look has the classes of a segmentation before it is resized, and the entropy of p. */
  @Test
  void looksAtTheSizeOfTheNetwork() {
    SegmentationOptions options =
        new SegmentationOptions(ComponentFilter.NONE, Resizing.NEAREST, Views.NONE);
    Segmenter segmenter =
        new Segmenter(device, network, Labels.HEART, Framing.square(SIZE), options);
    Segmenter.Look look = segmenter.look(volume);
    assertEquals(SIZE, look.height());
    assertEquals(SIZE, look.width());
    byte[] resized = new byte[DEPTH * HEIGHT * WIDTH];
    for (int z = 0; z < DEPTH; z++) {
      Resize.nearest(
          look.classes(), z * SIZE * SIZE, SIZE, SIZE, resized, z * HEIGHT * WIDTH, HEIGHT, WIDTH);
    }
    assertArrayEquals(segmenter.segment(volume).classes(), resized);
    // A volume of the network's size, whose probabilities are not resized.
    Volume small = volume(SIZE, SIZE);
    float[][] p = segmenter.segment(small, true).probabilities();
    float[] entropy = segmenter.look(small).entropy();
    for (int i = 0; i < entropy.length; i++) {
      double h = 0;
      for (float[] of : p) {
        h -= of[i] * Math.log(of[i]);
      }
      assertEquals(h / Math.log(4), entropy[i], 1e-5);
    }
  }
}
