/**
 * Neural-network layers, named as in PyTorch, with their initialisation, optimiser and schedule.
 */
package tangram.nn;
