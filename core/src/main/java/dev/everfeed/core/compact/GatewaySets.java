package dev.everfeed.core.compact;

/// Sets of gateways, one for each of many rows: a row takes as many bits as there are gateways,
/// rounded up to a power of two, so that three of them are half a byte instead of a `long`.
///
/// A set goes in and out as a `long` with a bit for each gateway. Owned by one thread.
public final class GatewaySets {
  private final long[] words;

  /// Powers of two: rows in a word, bits of a row.
  private final int rowsShift;

  private final int widthShift;

  private final long all;

  /// @param gateways their number, 1 to 64
  public GatewaySets(int rows, int gateways) {
    if (rows < 1 || gateways < 1 || gateways > Long.SIZE) {
      throw new IllegalArgumentException(
          "sets are of at least one row and 1 to %d gateways, was %d and %d"
              .formatted(Long.SIZE, rows, gateways));
    }
    this.widthShift = Integer.SIZE - Integer.numberOfLeadingZeros(gateways - 1);
    this.rowsShift = 6 - widthShift;
    this.all = -1L >>> (Long.SIZE - (1 << widthShift));
    this.words = new long[((rows - 1) >> rowsShift) + 1];
  }

  public long get(int row) {
    return (words[row >> rowsShift] >>> shift(row)) & all;
  }

  public void set(int row, long gateways) {
    int shift = shift(row);
    int word = row >> rowsShift;
    words[word] = (words[word] & ~(all << shift)) | ((gateways & all) << shift);
  }

  public boolean has(int row, int gateway) {
    return (get(row) & 1L << gateway) != 0;
  }

  public void add(int row, int gateway) {
    words[row >> rowsShift] |= 1L << (shift(row) + gateway);
  }

  public void remove(int row, int gateway) {
    words[row >> rowsShift] &= ~(1L << (shift(row) + gateway));
  }

  public long bytes() {
    return 8L * words.length;
  }

  private int shift(int row) {
    return (row & ((1 << rowsShift) - 1)) << widthShift;
  }
}
