package dev.everfeed.hub.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.hub.access.ApiKey;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.Secret;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Who a reader at the WebSocket is: known from its request, or from its first message
/// `{"op":"auth","key":"everfeed_…"}`, which is all that one without a header may say before. On
/// the server's event loop.
final class Introduction {
  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
      .build();

  private final Gate gate;
  private final HttpServerRequest request;
  private @Nullable Caller caller;
  private String id = Wish.NO_ID;

  /// @param caller null when it is not known yet
  Introduction(Gate gate, HttpServerRequest request, @Nullable Caller caller) {
    this.gate = gate;
    this.request = request;
    this.caller = caller;
  }

  boolean isDone() {
    return caller != null;
  }

  /// Whether who was let in would be let in now.
  boolean isGood() {
    Caller known = caller;
    return known == null || gate.isGood(known);
  }

  /// Of the message that said it.
  String id() {
    return id;
  }

  /// @throws Problem when it is none, or its key is not good
  void by(String message) {
    String key;
    try {
      JsonNode root = JSON.readTree(message);
      id = root == null ? Wish.NO_ID : Wish.idOf(root.path("id"));
      boolean right = root != null
          && root.path("op").asText().equals("auth")
          && root.path("key").isTextual();
      key = right ? root.path("key").textValue() : null;
    } catch (JsonProcessingException | Wish.Refused e) {
      key = null;
    }
    if (key == null) {
      throw Problem.unauthorised(
          "A key is needed",
          "the first message must be {\"op\":\"auth\",\"key\":\"everfeed_…\"}, or the request must have the header Authorization: Bearer KEY");
    }
    Caller found = gate.caller(request, key, Role.READER);
    if (found.uses() != null) {
      found.uses().readerCame();
    }
    caller = found;
  }

  /// Who is known says it once more. One connection is one key's: what counts for it, and what ends
  /// with it, would not move along to another one.
  ///
  /// @throws Problem when it is not the key that let it in
  void again(@Nullable Secret shown) {
    ApiKey own = caller == null ? null : caller.key();
    if (own == null) {
      return; // nobody needs one here
    }
    if (shown == null || !gate.isKeyOf(own, request, shown.reveal())) {
      throw Problem.unauthorised(
          "The key is another one",
          "this connection was let in by key %s, and takes no other; open a new one"
              .formatted(own.id()));
    }
  }

  /// Counts streams for its key.
  ///
  /// @return the most that it may have when these are too many; else -1
  int subscribe(int more) {
    KeyUse use = caller == null ? null : caller.uses();
    return use == null || use.subscribe(more) ? -1 : use.streamsMax();
  }

  /// The reader is gone.
  void over() {
    KeyUse use = caller == null ? null : caller.uses();
    if (use != null) {
      use.readerLeft();
    }
  }
}
