/** Networks made of the layers of {@code tangram.nn}. */
package tangram.nn.model;
