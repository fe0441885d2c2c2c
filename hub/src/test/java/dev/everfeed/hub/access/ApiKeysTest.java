package dev.everfeed.hub.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ApiKeysTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private static ApiKey key(String id, @Nullable Instant expiresAt, @Nullable Instant revokedAt) {
    return new ApiKey(id, "of " + id, Role.READER, "0".repeat(64), NOON, expiresAt, revokedAt);
  }

  @Test
  void whatBecameOfKeysIsSaidOfEachByItsIdAndName() {
    ApiKeys before = new ApiKeys(List.of(
        key("a", null, null), key("b", null, null), key("c", null, null), key("d", null, null)));
    ApiKeys now = new ApiKeys(List.of(
        key("a", null, NOON),
        key("b", NOON.plusSeconds(60), null),
        key("d", null, null),
        key("e", null, null)));

    assertThat(now.since(before))
        .isEqualTo(
            "a (of a) is revoked, b (of b) is good until 2026-11-22T12:01:00Z, e (of e, reader) is new, c (of c) is gone");
    assertThat(now.since(now)).isEqualTo("none has changed");
  }

  @Test
  void ofManyKeysTenAreNamed() {
    ApiKeys many = new ApiKeys(
        IntStream.range(0, 15).mapToObj(i -> key("k" + i, null, null)).toList());
    assertThat(many.since(ApiKeys.NONE))
        .contains("k9 ")
        .doesNotContain("k10 ")
        .endsWith(" and 5 more");
  }
}
