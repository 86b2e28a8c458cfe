/** Training: the loop, what it saves and how it goes on. */
package tangram.nn.training;
