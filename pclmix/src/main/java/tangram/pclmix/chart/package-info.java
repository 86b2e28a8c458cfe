/**
 * Line and bar charts as inline SVG or PNG.
 *
 * <p>{@link tangram.pclmix.chart.LineChart} and {@link tangram.pclmix.chart.BarChart} are the
 * entries. Nothing here needs a display or installed fonts.
 */
package tangram.pclmix.chart;
