package tangram.tornado;

/**
 * A part of the device's one array of real numbers, or of integers: what an arena takes for one of
 * its chunks.
 *
 * @param base its first element
 * @param length number of elements
 */
record Slab(int base, int length) {}
