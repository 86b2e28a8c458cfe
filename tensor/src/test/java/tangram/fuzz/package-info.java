/**
 * Tests of readers with damaged files. A test gives valid files to a {@link tangram.fuzz.Mutator},
 * which makes any number of damaged copies, and a reader to a {@link tangram.fuzz.Fuzz}, which
 * checks that the reader accepts or refuses every copy, soon, and without taking much memory. Other
 * modules get these classes from the test-jar of module tensor.
 */
package tangram.fuzz;
