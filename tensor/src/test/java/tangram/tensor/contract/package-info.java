/**
 * What every device must pass. A device's own test extends {@link
 * tangram.tensor.contract.DeviceContract} and says which device it is; everything else is
 * inherited. Other modules get these classes from the test-jar of module tensor, and need JUnit
 * Jupiter and Jackson on their test class path.
 */
package tangram.tensor.contract;
