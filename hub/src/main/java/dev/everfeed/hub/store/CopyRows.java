package dev.everfeed.hub.store;

import dev.everfeed.core.model.Decimal;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.ByteConverter;

/// Writes rows in the binary form of COPY (PostgreSQL manual, COPY, "Binary Format"; the fields
/// as the types' own send functions write them: backend/utils/adt/numeric.c, `numeric_send`).
///
/// For one COPY on one thread. Chunks of 64 KiB go out as they fill; nothing else may use the
/// connection until [#end] or [#cancel].
final class CopyRows {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /// Microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final short POSITIVE = 0;
  private static final short NEGATIVE = 0x4000;
  private static final int BASE = 10_000;

  /// Times 1,000, which aligns any scale to whole groups of four digits, it is still a `long`.
  private static final long MANTISSA_MAX = Long.MAX_VALUE / 1_000;

  private static final long[] ALIGN = {1, 1_000, 100, 10};

  private final CopyIn copy;
  private byte[] bytes = new byte[CHUNK_BYTES + 4_096];
  private int length;

  /// @param sql `COPY … FROM STDIN (FORMAT binary)`
  CopyRows(Connection connection, String sql) throws SQLException {
    copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
    System.arraycopy(HEADER, 0, bytes, 0, HEADER.length);
    length = HEADER.length;
  }

  /// Begins a row.
  CopyRows row(int fields) throws SQLException {
    if (length >= CHUNK_BYTES) {
      flush();
    }
    room(2);
    putShort(fields);
    return this;
  }

  CopyRows text(@Nullable String value) {
    if (value == null) {
      return none();
    }
    int chars = value.length();
    room(4 + chars);
    int begin = length;
    length += 4;
    for (int i = 0; i < chars; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        length = begin;
        return bytes(value.getBytes(StandardCharsets.UTF_8));
      }
      bytes[length++] = (byte) c;
    }
    ByteConverter.int4(bytes, begin, chars);
    return this;
  }

  CopyRows bool(@Nullable Boolean value) {
    if (value == null) {
      return none();
    }
    room(5);
    putInt(1);
    bytes[length++] = (byte) (value ? 1 : 0);
    return this;
  }

  CopyRows int8(long value) {
    room(12);
    putInt(8);
    ByteConverter.int8(bytes, length, value);
    length += 8;
    return this;
  }

  /// @param micros since 1970-01-01 UTC
  CopyRows timestamp(long micros) {
    return int8(micros - EPOCH_MICROS);
  }

  CopyRows numeric(@Nullable Decimal decimal) {
    if (decimal == null) {
      return none();
    }
    if (decimal.isSmall() && decimal.scale() >= 0) {
      long mantissa = Math.abs(decimal.mantissa());
      if (mantissa <= MANTISSA_MAX) {
        return numeric(mantissa, decimal.scale(), decimal.signum() < 0);
      }
    }
    BigDecimal value = decimal.toBigDecimal();
    if (value.scale() < 0) {
      value = value.setScale(0); // 1E+3 is 1000: PostgreSQL has no negative scale
    }
    return bytes(ByteConverter.numeric(value));
  }

  /// `int16 groups, int16 weight, int16 sign, int16 scale`, then the groups of four decimal
  /// digits, highest first; the first has the worth `10000^weight`. Zeros at both ends are left
  /// out.
  private CopyRows numeric(long mantissa, int scale, boolean negative) {
    long rest = mantissa * ALIGN[scale & 3];
    int lowest = -((scale + 3) >> 2);
    while (rest != 0 && rest % BASE == 0) {
      rest /= BASE;
      lowest++;
    }
    int groups = 0;
    for (long r = rest; r != 0; r /= BASE) {
      groups++;
    }
    int size = 8 + 2 * groups;
    room(4 + size);
    putInt(size);
    putShort(groups);
    putShort(groups == 0 ? 0 : lowest + groups - 1);
    putShort(negative ? NEGATIVE : POSITIVE);
    putShort(scale);
    for (int at = length + 2 * (groups - 1); rest != 0; at -= 2, rest /= BASE) {
      ByteConverter.int2(bytes, at, (int) (rest % BASE));
    }
    length += 2 * groups;
    return this;
  }

  /// Ends the COPY.
  ///
  /// @return rows that the database took
  long end() throws SQLException {
    room(2);
    putShort(-1);
    flush();
    return copy.endCopy();
  }

  /// Gives the COPY up after a failure, so that the connection can be used again.
  void cancel(SQLException because) {
    try {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }

  private void flush() throws SQLException {
    copy.writeToCopy(bytes, 0, length);
    length = 0;
  }

  private CopyRows none() {
    room(4);
    putInt(-1);
    return this;
  }

  private CopyRows bytes(byte[] value) {
    room(4 + value.length);
    putInt(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  private void putInt(int value) {
    ByteConverter.int4(bytes, length, value);
    length += 4;
  }

  private void putShort(int value) {
    ByteConverter.int2(bytes, length, value);
    length += 2;
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
