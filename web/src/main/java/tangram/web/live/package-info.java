/** The page of a run while it trains. */
package tangram.web.live;
