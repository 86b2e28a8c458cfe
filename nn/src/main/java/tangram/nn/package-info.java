/** Neural-network layers and their training. */
package tangram.nn;
