package dev.everfeed.simulator.venue;

/// A request that Binance answers with HTTP 400 and `{"code":..,"msg":".."}`.
final class BinanceRefusal extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;

  BinanceRefusal(int code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  Answer answer() {
    return answer(400, code, String.valueOf(getMessage()));
  }

  static Answer answer(int status, int code, String message) {
    var text = new StringBuilder("{\"code\":").append(code).append(",\"msg\":\"");
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c);
    }
    return Answer.json(status, text.append("\"}"));
  }

  static BinanceRefusal invalidSymbol() {
    return new BinanceRefusal(-1121, "Invalid symbol.");
  }

  static BinanceRefusal illegal(String parameter, String range) {
    return new BinanceRefusal(
        -1100,
        "Illegal characters found in parameter '%s'; legal range is '%s'."
            .formatted(parameter, range));
  }

  static BinanceRefusal missing(String parameter) {
    return new BinanceRefusal(
        -1102,
        "Mandatory parameter '%s' was not sent, was empty/null, or malformed."
            .formatted(parameter));
  }

  static BinanceRefusal invalid(String parameter) {
    return new BinanceRefusal(
        -1130, "Data sent for parameter '%s' is not valid.".formatted(parameter));
  }
}
