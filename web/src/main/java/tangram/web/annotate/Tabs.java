package tangram.web.annotate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import tangram.web.http.Events;
import tangram.web.http.HttpProblem;
import tangram.web.http.Json;
import tangram.web.http.Reply;

/** Of all pages that show a session, one at a time may change it. */
final class Tabs {
  private static final String ELSEWHERE = "This session is open in another page.";

  private final Events events;
  private String owner;
  private Events.Listener listener;

  Tabs(Events events) {
    this.events = events;
  }

  private boolean mayOwn(String tab) {
    return owner == null || owner.equals(tab) || listener == null;
  }

  /**
   * Checks that a page may change the session.
   *
   * @throws HttpProblem 409 if another may
   */
  synchronized void require(String tab) {
    if (!mayOwn(tab)) {
      throw new HttpProblem(
          409, ELSEWHERE, "Go on in that one, or take over, which ends it there.");
    }
    owner = tab;
  }

  /** Lets a page change the session, and ends the stream of the one that could. */
  synchronized void take(String tab) {
    if (!tab.equals(owner) && listener != null) {
      listener.end("bye", why("Another page has taken over."));
      listener = null;
    }
    owner = tab;
  }

  /** The events for a page; a page that may not change the session is told so and no more. */
  synchronized Reply listen(String tab) {
    Events.Listener opened = events.listen();
    if (!mayOwn(tab)) {
      opened.end("bye", why(ELSEWHERE));
      return opened.reply(() -> {});
    }
    owner = tab;
    listener = opened;
    return opened.reply(() -> gone(opened));
  }

  private synchronized void gone(Events.Listener closed) {
    if (listener == closed) {
      listener = null;
    }
  }

  private static ObjectNode why(String sentence) {
    return Json.object().put("why", sentence).put("elsewhere", true);
  }
}
