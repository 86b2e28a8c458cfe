/** Indexing, scans, sorting and random numbers of the device {@code vector}. */
package tangram.tensor.vector.index;
