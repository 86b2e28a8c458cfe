package tangram.pclmix.phantom;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.CounterRandom;

/**
 * What lies around one patient's heart, in millimetres from the middle of the left ventricle's
 * axis, x to the right and y downwards: chest wall with fat and muscle, dark lungs with bright
 * vessels, and below the diaphragm liver, spleen, stomach, fat and bowel loops.
 *
 * <p>Some of it looks like a heart on purpose: the aorta is a bright disc, bowel loops and stomach
 * are bright discs in grey rings. The background scribble goes around the heart and seldom touches
 * them, so a network trained on scribbled pixels alone has no reason to call them background.
 */
final class Surroundings {
  private final Tissues tissues;
  private final double bodyX;
  private final double bodyY;
  private final double bodyRadius;
  private final double bodyOval;
  private final double fatThickness;
  private final double muscleThickness;
  private final double diaphragm;
  private final double diaphragmSlope;
  private final double diaphragmDome;
  private final double diaphragmDrift;
  private final double liverEnd;
  private final double liverSlant;
  private final double abdomen;
  private final List<Blob> inLungs = new ArrayList<>();
  private final List<Blob> inAbdomen = new ArrayList<>();

  Surroundings(CounterRandom random, Tissues tissues) {
    this.tissues = tissues;
    // The front of the chest, up and to the left; the wall's nearest point lies that way.
    double front = -Math.PI * 0.72 + Draw.uniform(random, -0.6, 0.6);
    double skin = Draw.uniform(random, 68, 100);
    bodyRadius = Draw.uniform(random, 120, 170);
    bodyX = -StrictMath.cos(front) * (bodyRadius - skin);
    bodyY = -StrictMath.sin(front) * (bodyRadius - skin);
    bodyOval = Draw.uniform(random, -0.12, 0.12);
    fatThickness = Draw.uniform(random, 5, 24);
    muscleThickness = Draw.uniform(random, 5, 12);
    diaphragm = Draw.uniform(random, 34, 58);
    diaphragmSlope = Draw.uniform(random, -0.25, 0.35);
    diaphragmDome = Draw.uniform(random, 0, 0.004);
    diaphragmDrift = Draw.uniform(random, -12, 4);
    liverEnd = Draw.uniform(random, -15, 45);
    liverSlant = Draw.uniform(random, -0.5, 0.5);
    abdomen = random.nextInt(2) == 0 ? tissues.spleen() : tissues.heartFat() * 0.8;
    addLungVessels(random);
    addFatPads(random);
    addAorta(random);
    addAbdomen(random);
  }

  private void addLungVessels(CounterRandom random) {
    int vessels = 10 + random.nextInt(20);
    for (int i = 0; i < vessels; i++) {
      double angle = Draw.angle(random);
      double away = Draw.uniform(random, 42, 120);
      inLungs.add(
          Blob.ball(
              random,
              away * StrictMath.cos(angle),
              away * StrictMath.sin(angle),
              Draw.uniform(random, -0.1, 1.1),
              Draw.uniform(random, 0.1, 0.5),
              Draw.uniform(random, 1, 3.6),
              tissues.vesselBlood() * Draw.uniform(random, 0.4, 1)));
    }
  }

  /** Fat beside the heart, mostly on the side of the right ventricle: as bright as blood. */
  private void addFatPads(CounterRandom random) {
    int pads = 2 + random.nextInt(5);
    for (int i = 0; i < pads; i++) {
      double angle = Math.PI + Draw.uniform(random, -1.8, 1.8);
      double away = Draw.uniform(random, 38, 62);
      double major = Draw.uniform(random, 9, 24);
      inLungs.add(
          new Blob(
              away * StrictMath.cos(angle),
              away * StrictMath.sin(angle),
              Draw.uniform(random, 0, 1),
              Draw.uniform(random, 0.3, 0.9),
              major,
              major * Draw.uniform(random, 0.3, 0.8),
              angle + Math.PI / 2 + Draw.uniform(random, -0.5, 0.5),
              tissues.rightBlood() * Draw.uniform(random, 0.8, 1.15),
              random.nextInt(2) == 0 ? Draw.uniform(random, 2, 4) : 0,
              tissues.rightWall()));
    }
  }

  private void addAorta(CounterRandom random) {
    double angle = Draw.uniform(random, -0.9, 1.1);
    double away = Draw.uniform(random, 52, 85);
    double radius = Draw.uniform(random, 9, 15);
    inLungs.add(
        new Blob(
            away * StrictMath.cos(angle),
            away * StrictMath.sin(angle),
            0.4,
            1.2,
            radius,
            radius * Draw.uniform(random, 0.85, 1),
            0,
            tissues.vesselBlood(),
            random.nextInt(2) == 0 ? Draw.uniform(random, 2, 5) : 0,
            tissues.muscle()));
  }

  private void addAbdomen(CounterRandom random) {
    // The stomach: a large ring under the left half of the diaphragm.
    double size = Draw.uniform(random, 16, 30);
    inAbdomen.add(
        new Blob(
            Draw.uniform(random, 15, 75),
            diaphragm + size + Draw.uniform(random, -6, 12),
            Draw.uniform(random, 0.2, 1),
            Draw.uniform(random, 0.6, 1.2),
            size,
            size * Draw.uniform(random, 0.6, 1),
            Draw.angle(random),
            tissues.stomach(),
            Draw.uniform(random, 3, 7),
            tissues.muscle()));
    int loops = 4 + random.nextInt(6);
    for (int i = 0; i < loops; i++) {
      double radius = Draw.uniform(random, 9, 22);
      inAbdomen.add(
          new Blob(
              Draw.uniform(random, -70, 90),
              diaphragm + radius + Draw.uniform(random, 3, 60),
              Draw.uniform(random, 0, 1),
              Draw.uniform(random, 0.3, 0.9),
              radius,
              radius * Draw.uniform(random, 0.7, 1),
              Draw.angle(random),
              tissues.vesselBlood() * Draw.uniform(random, 0.75, 1.05),
              radius * Draw.uniform(random, 0.25, 0.5),
              tissues.myocardium()));
    }
    int vessels = 5 + random.nextInt(8);
    for (int i = 0; i < vessels; i++) {
      double bright = random.nextInt(3) == 0 ? tissues.vesselBlood() : tissues.liver() * 1.5;
      inAbdomen.add(
          Blob.ball(
              random,
              Draw.uniform(random, -100, 60),
              diaphragm + Draw.uniform(random, 8, 70),
              Draw.uniform(random, 0, 1),
              Draw.uniform(random, 0.15, 0.6),
              Draw.uniform(random, 2, 5.5),
              bright));
    }
  }

  /**
   * The intensity at a point.
   *
   * @param edge width of blurred edges, millimetres
   * @param coarse slow texture within [-1, 1]
   * @param fine fast texture within [-1, 1]
   */
  double at(double x, double y, double z, double edge, double coarse, double fine) {
    double dx = x - bodyX;
    double dy = (y - bodyY) * (1 + bodyOval);
    double skin = Math.sqrt(dx * dx + dy * dy) - bodyRadius + 3 * coarse;
    double value = tissues.air();
    double inBody = Blob.coverage(skin, edge);
    if (inBody == 0) {
      return value;
    }
    double inner = skin + fatThickness * (1 + 0.3 * coarse);
    double cavity = inner + muscleThickness * (1 + 0.4 * fine);
    value += (tissues.fat() * (1 + 0.12 * fine + 0.1 * coarse) - value) * inBody;
    value += (tissues.muscle() * (1 + 0.3 * fine) - value) * Blob.coverage(inner, edge);
    double inCavity = Blob.coverage(cavity, edge);
    if (inCavity == 0) {
      return value;
    }
    return value + (organs(x, y, z, edge, coarse, fine) - value) * inCavity;
  }

  private double organs(double x, double y, double z, double edge, double coarse, double fine) {
    double above =
        diaphragm
            + diaphragmDrift * z
            + diaphragmSlope * x
            + diaphragmDome * x * x
            + 4 * coarse
            - y;
    double lung = tissues.lung() * (1 + 0.3 * fine + 0.4 * coarse);
    double below = Blob.coverage(above, edge);
    if (below < 1) {
      for (Blob blob : inLungs) {
        lung = blob.paint(lung, x + 3 * fine, y + 3 * coarse, z, edge);
      }
    }
    if (below == 0) {
      return lung;
    }
    double liverSide = x - liverEnd - liverSlant * (y - diaphragm) + 6 * coarse;
    double value = abdomen * (1 + 0.45 * fine + 0.2 * coarse);
    value +=
        (tissues.liver() * (1 + 0.12 * fine + 0.08 * coarse) - value)
            * Blob.coverage(liverSide, edge);
    for (Blob blob : inAbdomen) {
      value = blob.paint(value, x + 2 * fine, y + 4 * coarse, z, edge);
    }
    return lung + (value - lung) * below;
  }
}
