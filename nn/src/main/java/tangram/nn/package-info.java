/**
 * Neural-network layers, blocks and networks, named as in PyTorch and torchvision, with their
 * initialisation, optimiser and schedule.
 */
package tangram.nn;
