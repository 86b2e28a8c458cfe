package tangram.pclmix.phantom;

import java.util.Arrays;
import tangram.tensor.CounterRandom;

/**
 * Draws scribbles on one slice as a person would: a stroke along the right ventricle, one or two
 * arcs in the wall, a curl in the left cavity, and a loop in the background around the heart, with
 * now and then a long stroke outwards. Strokes are thin and wobble; where the hand slips over an
 * edge the pen is lifted, so every scribbled pixel is truly of its class.
 */
final class Scribbler {
  /** Names the stream of the scribbles of a slice. */
  static final int PURPOSE = 0x50480003;

  /** Pixels a side that one pixel of pen width serves. */
  private static final int PIXELS_PER_PEN = 128;

  private static final int POINTS = 48;

  private final Pose pose;
  private final HeartSection section;
  private final double axisX;
  private final double axisY;
  private final CounterRandom random;
  private final int pen;

  Scribbler(Pose pose, HeartSection section, double axisX, double axisY, CounterRandom random) {
    this.pose = pose;
    this.section = section;
    this.axisX = axisX;
    this.axisY = axisY;
    this.random = random;
    this.pen = Math.max(1, pose.size() / PIXELS_PER_PEN);
  }

  /** Fills scribble from {@code offset} on, guided by the truth at the same place. */
  void draw(byte[] label, byte[] scribble, int offset) {
    int count = pose.size() * pose.size();
    int[] area = new int[4];
    for (int i = offset; i < offset + count; i++) {
      area[label[i]]++;
    }
    Arrays.fill(scribble, offset, offset + count, Phantom.UNLABELLED);
    if (area[Phantom.RV] > 0) {
      strokeRight(label, scribble, offset);
      ensureDab(Phantom.RV, area, label, scribble, offset);
    }
    if (area[Phantom.MYO] > 0) {
      strokeWall(label, scribble, offset);
      ensureDab(Phantom.MYO, area, label, scribble, offset);
    }
    if (area[Phantom.LV] > 0) {
      strokeLeft(label, scribble, offset);
      ensureDab(Phantom.LV, area, label, scribble, offset);
    }
    if (area[Phantom.MYO] > 0) {
      strokeAround(label, scribble, offset);
    } else {
      strokeAcross(label, scribble, offset);
    }
    ensureDab(Phantom.BACKGROUND, area, label, scribble, offset);
  }

  private void strokeRight(byte[] label, byte[] scribble, int offset) {
    double half = section.rightHalfAngle() * Draw.uniform(random, 0.2, 0.5);
    double middle =
        section.rightDirection() + section.rightHalfAngle() * Draw.uniform(random, -0.25, 0.25);
    double share = Draw.uniform(random, 0.3, 0.65);
    double[] wobble = wobble(0.1);
    Stroke stroke = new Stroke(Phantom.RV, label, scribble, offset);
    for (int i = 0; i <= POINTS; i++) {
      double angle = middle + half * (2.0 * i / POINTS - 1);
      double inner = section.epicardium().radius(angle);
      double outer = section.right().radius(angle);
      stroke.polar(inner + (outer - inner) * (share + wave(wobble, i)), angle);
    }
  }

  private void strokeWall(byte[] label, byte[] scribble, int offset) {
    int arcs = 1 + random.nextInt(2);
    double start = Draw.angle(random);
    double span = Draw.uniform(random, 1.3, 2.6) / arcs;
    for (int arc = 0; arc < arcs; arc++) {
      double share = Draw.uniform(random, 0.42, 0.58);
      double[] wobble = wobble(0.08);
      Stroke stroke = new Stroke(Phantom.MYO, label, scribble, offset);
      for (int i = 0; i <= POINTS; i++) {
        double angle = start + span * i / POINTS;
        double inner = Math.max(0, section.endocardium().radius(angle));
        double outer = section.epicardium().radius(angle);
        stroke.polar(inner + (outer - inner) * (share + wave(wobble, i)), angle);
      }
      start += span + Draw.uniform(random, 0.5, 2.5);
    }
  }

  private void strokeLeft(byte[] label, byte[] scribble, int offset) {
    double start = Draw.angle(random);
    double span = Draw.uniform(random, 2.5, 6) * (random.nextInt(2) == 0 ? 1 : -1);
    double from = Draw.uniform(random, 0.2, 0.5);
    double to = Draw.uniform(random, 0.1, 0.55);
    double[] wobble = wobble(0.06);
    Stroke stroke = new Stroke(Phantom.LV, label, scribble, offset);
    for (int i = 0; i <= POINTS; i++) {
      double t = (double) i / POINTS;
      double angle = start + span * t;
      double share = from + (to - from) * t + wave(wobble, i);
      stroke.polar(section.endocardium().radius(angle) * share, angle);
    }
  }

  private void strokeAround(byte[] label, byte[] scribble, int offset) {
    double start = Draw.angle(random);
    double span = Draw.uniform(random, 1.0, 2.2);
    double away = Draw.uniform(random, 10, 22);
    double drift = Draw.uniform(random, -4, 9);
    double[] wobble = wobble(2.5);
    Stroke stroke = new Stroke(Phantom.BACKGROUND, label, scribble, offset);
    for (int i = 0; i <= POINTS; i++) {
      double t = (double) i / POINTS;
      double angle = start + span * t;
      stroke.polar(section.envelope().radius(angle) + away + drift * t + wave(wobble, i), angle);
    }
    if (random.nextInt(4) == 0) {
      double angle = Draw.angle(random);
      double turn = Draw.uniform(random, -0.6, 0.6);
      double near = section.envelope().radius(angle) + away;
      double length = Draw.uniform(random, 20, 50);
      Stroke outwards = new Stroke(Phantom.BACKGROUND, label, scribble, offset);
      for (int i = 0; i <= POINTS; i++) {
        double t = (double) i / POINTS;
        outwards.polar(near + length * t, angle + turn * t);
      }
    }
  }

  /** Where there is no heart to go around: a long stroke across the picture's middle. */
  private void strokeAcross(byte[] label, byte[] scribble, int offset) {
    double angle = Draw.angle(random);
    double reach = Draw.uniform(random, 25, 50);
    double[] wobble = wobble(6);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    Stroke stroke = new Stroke(Phantom.BACKGROUND, label, scribble, offset);
    for (int i = 0; i <= POINTS; i++) {
      double along = reach * (2.0 * i / POINTS - 1);
      double side = wave(wobble, i);
      stroke.to(along * cos - side * sin, along * sin + side * cos);
    }
  }

  /** Amplitude, two frequencies and two phases of an unsteady hand. */
  private double[] wobble(double amplitude) {
    return new double[] {
      amplitude,
      Draw.uniform(random, 3, 6) / POINTS,
      Draw.angle(random),
      Draw.uniform(random, 8, 16) / POINTS,
      Draw.angle(random)
    };
  }

  private static double wave(double[] wobble, int i) {
    return wobble[0]
        * (StrictMath.sin(wobble[1] * i + wobble[2])
            + 0.5 * StrictMath.sin(wobble[3] * i + wobble[4]));
  }

  /**
   * Marks one pixel of a class whose stroke missed it (a sliver of a few pixels): the one with most
   * neighbours of its class.
   */
  private void ensureDab(byte kind, int[] area, byte[] label, byte[] scribble, int offset) {
    if (area[kind] == 0) {
      return;
    }
    int size = pose.size();
    int best = -1;
    int bestNeighbours = -1;
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        int index = offset + row * size + column;
        if (scribble[index] == kind) {
          return;
        }
        if (label[index] == kind) {
          int neighbours = neighbours(label, offset, row, column, kind);
          if (neighbours > bestNeighbours) {
            best = index;
            bestNeighbours = neighbours;
          }
        }
      }
    }
    scribble[best] = kind;
  }

  private int neighbours(byte[] label, int offset, int row, int column, byte kind) {
    int size = pose.size();
    int found = 0;
    for (int r = Math.max(0, row - 2); r <= Math.min(size - 1, row + 2); r++) {
      for (int c = Math.max(0, column - 2); c <= Math.min(size - 1, column + 2); c++) {
        if (label[offset + r * size + c] == kind) {
          found++;
        }
      }
    }
    return found;
  }

  /** A pen that marks pixels of one class only, joining the points it is led through. */
  private final class Stroke {
    private final byte kind;
    private final byte[] label;
    private final byte[] scribble;
    private final int offset;
    private boolean down;
    private int lastColumn;
    private int lastRow;

    Stroke(byte kind, byte[] label, byte[] scribble, int offset) {
      this.kind = kind;
      this.label = label;
      this.scribble = scribble;
      this.offset = offset;
    }

    /** Leads the pen to a point around the left ventricle's axis. */
    void polar(double r, double angle) {
      to(r * StrictMath.cos(angle), r * StrictMath.sin(angle));
    }

    /** Leads the pen to a point in millimetres from the left ventricle's axis. */
    void to(double x, double y) {
      int column = pose.column(x + axisX, y + axisY);
      int row = pose.row(x + axisX, y + axisY);
      int steps = down ? Math.max(Math.abs(column - lastColumn), Math.abs(row - lastRow)) : 0;
      // One pixel per step along the longer axis: an 8-connected line without thick corners. The
      // pen advances only when the hand has moved at least two pixels, or corners fill up.
      if (down && steps < 2) {
        return;
      }
      for (int i = 1; i <= steps; i++) {
        int c = lastColumn + Math.round((float) (column - lastColumn) * i / steps);
        int r = lastRow + Math.round((float) (row - lastRow) * i / steps);
        mark(r, c);
      }
      if (!down) {
        mark(row, column);
        down = true;
      }
      lastColumn = column;
      lastRow = row;
    }

    private void mark(int row, int column) {
      int size = pose.size();
      for (int r = row; r < row + pen; r++) {
        for (int c = column; c < column + pen; c++) {
          if (r >= 0 && r < size && c >= 0 && c < size) {
            int index = offset + r * size + c;
            if (label[index] == kind) {
              scribble[index] = kind;
            }
          }
        }
      }
    }
  }
}
