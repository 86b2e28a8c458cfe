package tangram.pclmix.phantom;

import tangram.tensor.CounterRandom;

/**
 * One patient's intensities as a balanced steady-state sequence shows them, before bias field and
 * noise; blood of the left ventricle is near 1. Several tissues deliberately share a range: fat and
 * vessels with blood, liver and muscle with myocardium.
 */
record Tissues(
    double air,
    double lung,
    double leftBlood,
    double rightBlood,
    double vesselBlood,
    double myocardium,
    double rightWall,
    double muscle,
    double fat,
    double heartFat,
    double liver,
    double spleen,
    double stomach) {

  static Tissues draw(CounterRandom random) {
    double blood = Draw.uniform(random, 0.7, 1);
    double myocardium = blood * Draw.uniform(random, 0.28, 0.56);
    double fat = Draw.uniform(random, 0.65, 1.15);
    return new Tissues(
        Draw.uniform(random, 0, 0.02),
        Draw.uniform(random, 0.03, 0.1),
        blood,
        blood * Draw.uniform(random, 0.72, 1.12),
        blood * Draw.uniform(random, 0.8, 1.15),
        myocardium,
        myocardium * Draw.uniform(random, 0.8, 1.2),
        myocardium * Draw.uniform(random, 0.6, 1.1),
        fat,
        fat * Draw.uniform(random, 0.55, 1),
        myocardium * Draw.uniform(random, 0.75, 1.35),
        myocardium * Draw.uniform(random, 0.9, 1.6),
        Draw.uniform(random, 0.25, 0.95));
  }
}
