/** Programs of one page, to learn from and to begin with. */
package tangram.examples;
