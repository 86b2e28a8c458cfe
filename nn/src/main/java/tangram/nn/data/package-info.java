/** Samples, batches, and the formats of public data sets. */
package tangram.nn.data;
