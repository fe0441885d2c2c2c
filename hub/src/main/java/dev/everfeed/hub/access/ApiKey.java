package dev.everfeed.hub.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A key as it is kept: who has it and what it is good for, never the key itself.
///
/// @param id        8 letters and digits, part of the key's text; logs and answers name keys by it
/// @param name      who or what has it, for people
/// @param hash      SHA-256 of the key's text, in hexadecimal. Fast hashing is right here: what is
///     hashed has 256 random bits, which nobody guesses, unlike a password (NIST SP 800-63B,
///     section 5.1.2.2, on look-up secrets of 112 bits and more)
/// @param expiresAt from then on it is refused; null for never
/// @param revokedAt null while it is good
public record ApiKey(
    String id,
    String name,
    Role role,
    String hash,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt) {

  /// Whether it is accepted at a moment.
  public State at(Instant now) {
    if (revokedAt != null) {
      return State.REVOKED;
    }
    return expiresAt != null && !now.isBefore(expiresAt) ? State.EXPIRED : State.GOOD;
  }

  /// What becomes of who shows it.
  public enum State {
    GOOD,
    EXPIRED,
    REVOKED
  }

  ApiKey revoked(Instant at) {
    return new ApiKey(id, name, role, hash, createdAt, expiresAt, at);
  }

  ApiKey expiring(Instant at) {
    return new ApiKey(id, name, role, hash, createdAt, at, revokedAt);
  }

  @Override
  public String toString() {
    return "key %s (%s, %s)".formatted(id, name, role.text());
  }
}
