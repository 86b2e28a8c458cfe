package tangram.tensor.vector.winograd;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.Shuffles;

/**
 * {@link WinogradWeightGradient}'s algorithm where lanes are channels, as in {@link
 * WinogradChannels}: for few tiles and many channels.
 *
 * <p>Sums are products of transformed gradients, turned over, [outputs, tiles], by transformed
 * inputs [tiles, inputs], and the 36 planes of sums are most of the data. A task computes a block
 * of weights in all planes and transforms it back before it leaves the second-level cache.
 */
public final class WinogradChannelsWeightGradient {
  /** Below this many tiles, sums are too short for this to pay. */
  private static final int FEWEST_TILES = 8;

  /** With fewer channels on either side, lanes of tiles are faster. */
  private static final int FEWEST_CHANNELS = 32;

  /** With fewer pairs of channels, too. Measured: 32 by 32 take 1.2 times as long, 96 by 32 0.6. */
  private static final int FEWEST_WEIGHTS = 2048;

  /** Transformed values in floats, at most. */
  private static final int FLOATS = 10 << 20;

  private static final int VL = GemmKernel.VL;
  private static final int NR = GemmKernel.NR;
  private static final int PLANES = WinogradTransform.PLANES;

  /** Output channels of a task. */
  private static final int ROWS = 8 * GemmKernel.MR;

  /** Input channels of a task. */
  private static final int COLS = 32;

  /** Where the taps of consecutive input channels begin. */
  private static final int[] RECORDS = new int[VL];

  static {
    Arrays.setAll(RECORDS, i -> 9 * i);
  }

  private final ConvShape shape;
  private final int tilesY;
  private final int imageTiles;
  private final int tiles;

  /** Values of a plane of transformed inputs for the columns of a task, [tiles][COLS]. */
  private final int inputPlane;

  /** Values of a plane of transformed gradients for the rows of a task, [tiles][ROWS]. */
  private final int gradientPlane;

  private final int sumPlane;
  private final WinogradGather inputs;
  private final WinogradGather gradients;

  public WinogradChannelsWeightGradient(ConvShape shape) {
    this.shape = shape;
    int outH = shape.outH();
    int outW = shape.outW();
    this.tilesY = Gemm.blocks(outH, 4);
    this.imageTiles = tilesY * Gemm.blocks(outW, 4);
    this.tiles = shape.n() * imageTiles;
    this.inputPlane = Winograd.oddLines((long) tiles * COLS);
    this.gradientPlane = Winograd.oddLines((long) tiles * ROWS);
    this.sumPlane = Winograd.oddLines(ROWS * COLS);
    this.inputs =
        new WinogradGather(
            WinogradTiles.ofChannels(outH, outW, COLS),
            1,
            shape.h(),
            shape.w(),
            shape.padding(),
            6);
    this.gradients =
        new WinogradGather(WinogradTiles.ofChannels(outH, outW, ROWS), 1, outH, outW, 0, 4);
  }

  /** Whether channels fill vectors and this is the fastest way. Depends on the shape alone. */
  public static boolean suits(ConvShape shape) {
    long tiles = (long) shape.n() * Gemm.blocks(shape.outH(), 4) * Gemm.blocks(shape.outW(), 4);
    return shape.c() % NR == 0
        && shape.k() % NR == 0
        && tiles >= FEWEST_TILES
        && (Math.min(shape.c(), shape.k()) >= FEWEST_CHANNELS
                && shape.c() * shape.k() >= FEWEST_WEIGHTS
            || WinogradTiles.of(shape.n(), shape.outH(), shape.outW()) == null)
        && PLANES * tiles * (shape.c() + shape.k()) <= FLOATS;
  }

  public void run(float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    int v = Scratch.ALIGNED;
    int g = v + Gemm.blocks(shape.c(), COLS) * PLANES * inputPlane;
    int end = g + Gemm.blocks(shape.k(), ROWS) * PLANES * gradientPlane;
    float[] shared = Scratch.shared(end + VL);
    int rowBlocks = Gemm.blocks(shape.k(), ROWS);
    int colBlocks = Gemm.blocks(shape.c(), COLS);
    Parallel.run(
        rowBlocks + colBlocks,
        t -> {
          if (t < rowBlocks) {
            transformGradients(gy, gyOff, t * ROWS, shared, g + t * PLANES * gradientPlane);
          } else {
            int block = t - rowBlocks;
            int to = v + block * PLANES * inputPlane;
            int scratch = inputs.scratch(tilesY);
            float[] task = Scratch.task(scratch);
            int c = block * COLS;
            int count = Math.min(COLS, shape.c() - c);
            int size = shape.h() * shape.w();
            transform(
                inputs,
                x,
                xOff,
                size,
                shape.c(),
                c,
                count,
                shared,
                to,
                COLS,
                inputPlane,
                task,
                Scratch.ALIGNED);
          }
        });
    Parallel.run(
        rowBlocks * colBlocks,
        t -> {
          int row = t / colBlocks;
          int col = t % colBlocks;
          int a = g + row * PLANES * gradientPlane;
          int b = v + col * PLANES * inputPlane;
          block(shared, a, b, row * ROWS, col * COLS, gw, gwOff);
        });
  }

  /** Transforms the gradients of output channels from k on and packs them for the products. */
  private void transformGradients(float[] gy, int gyOff, int k, float[] to, int toOff) {
    int at = Scratch.ALIGNED;
    int work = at + PLANES * gradientPlane + VL;
    float[] task = Scratch.task((long) work + gradients.scratch(tilesY));
    int size = shape.outH() * shape.outW();
    int count = Math.min(ROWS, shape.k() - k);
    transform(
        gradients, gy, gyOff, size, shape.k(), k, count, task, at, ROWS, gradientPlane, task, work);
    int panels = GemmKernel.panels(count);
    for (int p = 0; p < PLANES; p++, at += gradientPlane, toOff += gradientPlane) {
      for (int panel = 0; panel < panels; panel++) {
        int i = GemmKernel.panelStart(count, panel);
        int width = GemmKernel.panelRows(count, panel);
        Pack.rows(tiles, width, width, task, at + i, ROWS, to, toOff + i * tiles);
      }
    }
  }

  /** Transforms channels [first, first + count) of all images. */
  private void transform(
      WinogradGather gather,
      float[] x,
      int xOff,
      int size,
      int channels,
      int first,
      int count,
      float[] to,
      int toOff,
      int ld,
      int plane,
      float[] scratch,
      int work) {
    gather.prepare(tilesY, scratch, work);
    for (int image = 0; image < shape.n(); image++) {
      for (int c = 0; c < count; c += VL) {
        int from = xOff + (image * channels + first + c) * size;
        int at = toOff + image * imageTiles * ld + c;
        gather.transform(x, from, 0, tilesY, to, at, plane, scratch, work);
      }
    }
  }

  /** The weights between output channels from k on and input channels from c on. */
  private void block(float[] shared, int a, int b, int k, int c, float[] gw, int gwOff) {
    int rows = Math.min(ROWS, shape.k() - k);
    int cols = Math.min(COLS, shape.c() - c);
    int size = rows * cols;
    int panels = GemmKernel.panels(rows);
    int sum = Scratch.ALIGNED;
    int taps = sum + PLANES * sumPlane;
    int work = taps + 9 * sumPlane;
    int room = work + 9 * COLS + VL;
    float[] task = Scratch.task((long) room + VL * VL);
    int[] planes = new int[Math.max(VL, 9)];
    Arrays.setAll(planes, t -> Math.min(t, 8) * sumPlane);
    for (int p = 0; p < PLANES; p++, a += gradientPlane, b += inputPlane) {
      for (int j = 0; j < cols; j += NR) {
        for (int panel = 0; panel < panels; panel++) {
          int i = GemmKernel.panelStart(rows, panel);
          GemmKernel.fullTile(
              tiles,
              GemmKernel.panelRows(rows, panel),
              shared,
              a + i * tiles,
              shared,
              b + j,
              COLS,
              task,
              sum + p * sumPlane + i * cols + j,
              cols,
              Gemm.ZEROS,
              0,
              0);
        }
      }
    }
    WinogradWeights.gradient(task, sum, sumPlane, size, task, taps, sumPlane, work);
    for (int i = 0; i < rows; i++) {
      int to = gwOff + ((k + i) * shape.c() + c) * 9;
      lineUp(task, taps + i * cols, cols, planes, work, room);
      System.arraycopy(task, work, gw, to, 9 * cols);
    }
  }

  /** Turns nine rows of taps over: to the taps of channel after channel. */
  private static void lineUp(float[] task, int from, int channels, int[] planes, int to, int room) {
    for (int j = 0; j < channels; j += VL) {
      if (VL > 9) {
        // Each channel's taps overwrite what is written beyond those of the one before.
        Shuffles.transpose(task, from + j, planes, 0, task, to + 9 * j, RECORDS, 0, VL, task, room);
        continue;
      }
      for (int q = j; q < j + VL; q++) {
        for (int t = 0; t < 9; t++) {
          task[to + 9 * q + t] = task[from + planes[t] + q];
        }
      }
    }
  }
}
