package tangram.pclmix.phantom;

/**
 * One section through a heart: its outlines around the left ventricle's axis.
 *
 * @param epicardium the outside of the left ventricle's muscle
 * @param endocardium the left ventricle's cavity
 * @param right the outside of the right ventricle's cavity (its inside is the epicardium)
 * @param envelope a smooth curve around both ventricles and their walls
 * @param hasRight whether the right ventricle reaches this section
 * @param rightWall thickness of the right ventricle's free wall, which the truth calls background
 * @param rightDirection direction of the right ventricle
 * @param rightHalfAngle half the angle that the right ventricle covers
 * @param beyondBase whether the section lies above the valve plane, where nothing is labelled
 */
record HeartSection(
    Contour epicardium,
    Contour endocardium,
    Contour right,
    Contour envelope,
    boolean hasRight,
    double rightWall,
    double rightDirection,
    double rightHalfAngle,
    boolean beyondBase) {}
