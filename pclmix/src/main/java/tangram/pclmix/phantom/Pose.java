package tangram.pclmix.phantom;

/**
 * How a patient lies in the picture: millimetres (origin at the heart's middle, x right, y down)
 * against pixels.
 *
 * @param size pixels along each side
 * @param spacing millimetres a pixel
 * @param offsetX where the heart's middle lies, from the picture's middle, millimetres
 * @param offsetY the same, downwards
 * @param cos cosine of the turn
 * @param sin sine of the turn
 */
record Pose(int size, double spacing, double offsetX, double offsetY, double cos, double sin) {

  /** Millimetres to the right of the picture's middle of the centre of this column (or row). */
  double millimetres(int pixel) {
    return (pixel + 0.5 - size / 2.0) * spacing;
  }

  /** The patient's x of a point given in the picture's millimetres. */
  double patientX(double x, double y) {
    return cos * (x - offsetX) + sin * (y - offsetY);
  }

  /** The patient's y of a point given in the picture's millimetres. */
  double patientY(double x, double y) {
    return cos * (y - offsetY) - sin * (x - offsetX);
  }

  /** The column in which a point of the patient falls; may lie outside the picture. */
  int column(double x, double y) {
    return (int) Math.floor((cos * x - sin * y + offsetX) / spacing + size / 2.0);
  }

  /** The row in which a point of the patient falls; may lie outside the picture. */
  int row(double x, double y) {
    return (int) Math.floor((sin * x + cos * y + offsetY) / spacing + size / 2.0);
  }
}
