/**
 * Studies, training by several workers and prediction on Apache Spark, which places, restarts and
 * shows what is done; ours is no more than what a task does, and the sum of gradients.
 */
package tangram.spark;
