package tangram.web.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request that has passed the checks of the server. */
public final class Request {
  /** The most bytes of a body of JSON. */
  private static final int MAX_JSON = 1 << 16;

  private final HttpExchange exchange;
  private final int[] numbers;

  Request(HttpExchange exchange, int[] numbers) {
    this.exchange = exchange;
    this.numbers = numbers;
  }

  /** The number in the place of the i-th {@code {}} of the route. */
  public int number(int i) {
    return numbers[i];
  }

  /** A header, if it is there. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** The digits of {@code name=digits} in the query; {@code otherwise} where there is none. */
  public int query(String name, int otherwise) {
    String query = exchange.getRequestURI().getRawQuery();
    Matcher found =
        Pattern.compile("(?:^|&)" + Pattern.quote(name) + "=(\\d{1,9})(?:&|$)")
            .matcher(query == null ? "" : query);
    return found.find() ? Integer.parseInt(found.group(1)) : otherwise;
  }

  /**
   * The body, of which no more is read than allowed.
   *
   * @throws HttpProblem 413 if it is declared to be, or is, longer
   */
  public byte[] body(int most) {
    String declared = exchange.getRequestHeaders().getFirst("Content-Length");
    if (declared != null && (!declared.matches("\\d{1,18}") || Long.parseLong(declared) > most)) {
      throw tooLong(most);
    }
    try {
      byte[] body = exchange.getRequestBody().readNBytes(most + 1);
      if (body.length > most) {
        throw tooLong(most);
      }
      return body;
    } catch (IOException e) {
      throw new HttpProblem(400, "The request ends early.", "Send it again.");
    }
  }

  private static HttpProblem tooLong(int most) {
    return new HttpProblem(
        413, "The request has a body of more than " + most + " bytes.", "Send what is asked for.");
  }

  /**
   * The body as an object of JSON; an empty body is an empty object.
   *
   * @throws HttpProblem 413 if it is too long, 422 if it is none
   */
  public ObjectNode json() {
    byte[] body = body(MAX_JSON);
    if (body.length == 0) {
      return Json.object();
    }
    try {
      return Json.parse(body);
    } catch (IOException e) {
      throw new HttpProblem(422, "The request's body is no JSON object.", "Send one.");
    }
  }
}
