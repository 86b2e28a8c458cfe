/** JMH benchmarks of every kernel family. */
package tangram.benchmarks;
