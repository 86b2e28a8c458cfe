package tangram.pclmix.phantom;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.CounterRandom;

/** One generated patient: everything that its slices share. */
final class Patient {
  /** Names the stream of the parameters of a patient. */
  static final int PURPOSE = 0x50480001;

  final Tissues tissues;
  final Anatomy anatomy;
  final Surroundings surroundings;
  final LatticeNoise texture;
  final List<Blob> leftMuscles = new ArrayList<>();
  final List<Blob> rightMuscles = new ArrayList<>();
  final double fieldOfView;
  final double offsetX;
  final double offsetY;
  final double turn;
  final double firstZ;
  final double lastZ;
  final double trabeculation;
  final double heartFat;
  final double noise;
  final double biasX;
  final double biasY;
  final double biasSquare;
  final double flow;

  Patient(long seed, int number) {
    CounterRandom random = new CounterRandom(seed, PURPOSE, number, 0);
    tissues = Tissues.draw(random);
    anatomy = new Anatomy(random);
    surroundings = new Surroundings(random, tissues);
    texture = new LatticeNoise(random);
    fieldOfView = Draw.uniform(random, 170, 220);
    offsetX = Draw.uniform(random, -0.1, 0.13) * fieldOfView;
    offsetY = Draw.uniform(random, -0.13, 0.08) * fieldOfView;
    turn = Draw.uniform(random, -0.6, 0.6);
    firstZ = Draw.uniform(random, -0.07, 0.06);
    lastZ = Draw.uniform(random, 0.86, 1.0);
    trabeculation = Draw.uniform(random, 1, 5);
    heartFat = Draw.uniform(random, 1.5, 7);
    noise = Draw.uniform(random, 0.008, 0.04);
    biasX = Draw.uniform(random, -0.7, 0.4);
    biasY = Draw.uniform(random, -0.7, 0.4);
    biasSquare = Draw.uniform(random, -0.5, 0.1);
    flow = Draw.uniform(random, 0.03, 0.14);
    addPapillaryMuscles(random);
    addRightTrabeculae(random);
  }

  /** The pose for pictures of this size. */
  Pose pose(int size) {
    return new Pose(
        size, fieldOfView / size, offsetX, offsetY, StrictMath.cos(turn), StrictMath.sin(turn));
  }

  /** Two muscles in the left cavity, away from the septum, in the middle of the long axis. */
  private void addPapillaryMuscles(CounterRandom random) {
    for (int side = -1; side <= 1; side += 2) {
      double z = Draw.uniform(random, 0.45, 0.65);
      double angle = anatomy.rightDirection(z) + Math.PI + side * Draw.uniform(random, 0.6, 1.2);
      double away =
          anatomy.section(z, 0).endocardium().radius(angle) * Draw.uniform(random, 0.55, 0.85);
      leftMuscles.add(
          Blob.ball(
              random,
              away * StrictMath.cos(angle),
              away * StrictMath.sin(angle),
              z,
              Draw.uniform(random, 0.22, 0.4),
              Draw.uniform(random, 2.2, 5),
              tissues.myocardium() * Draw.uniform(random, 0.95, 1.3)));
    }
  }

  /** Muscle bundles in the right cavity, among them a long one like the moderator band. */
  private void addRightTrabeculae(CounterRandom random) {
    int bundles = 2 + random.nextInt(4);
    for (int i = 0; i < bundles; i++) {
      double z = Draw.uniform(random, 0.2, 0.75);
      double angle = anatomy.rightDirection(z) + Draw.uniform(random, -0.7, 0.7);
      HeartSection section = anatomy.section(z, 0);
      double inner = section.epicardium().radius(angle);
      double outer = section.right().radius(angle);
      double away = inner + (outer - inner) * Draw.uniform(random, 0.35, 0.9);
      double minor = Draw.uniform(random, 1.5, 3);
      rightMuscles.add(
          new Blob(
              away * StrictMath.cos(angle),
              away * StrictMath.sin(angle),
              z,
              Draw.uniform(random, 0.1, 0.3),
              i == 0 ? 3 * minor : 1.4 * minor,
              minor,
              Draw.angle(random),
              tissues.rightWall() * Draw.uniform(random, 0.95, 1.4),
              0,
              0));
    }
  }
}
