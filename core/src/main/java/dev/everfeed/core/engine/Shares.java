package dev.everfeed.core.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Which of a gateway's connections a stream is on, where one connection does not take them all
/// (REQUIREMENTS C11). A stream stays where it is: what is wanted anew, or no more, moves none of
/// the others. Connections are never fewer than they were; one may have nothing.
///
/// Pure; owned by one thread.
public final class Shares {
  private final int most;
  private final List<TreeSet<Integer>> shares = new ArrayList<>();

  /// @param most streams that one connection takes, at least 1
  public Shares(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("a connection takes at least 1 stream, was " + most);
    }
    this.most = most;
  }

  /// Exactly these streams are wanted from now on.
  public void want(SortedSet<Integer> streams) {
    TreeSet<Integer> left = new TreeSet<>(streams);
    for (TreeSet<Integer> share : shares) {
      share.retainAll(streams);
      left.removeAll(share);
    }
    for (TreeSet<Integer> share : shares) {
      fill(share, left);
    }
    while (!left.isEmpty()) {
      TreeSet<Integer> share = new TreeSet<>();
      shares.add(share);
      fill(share, left);
    }
  }

  private void fill(TreeSet<Integer> share, TreeSet<Integer> left) {
    while (share.size() < most && !left.isEmpty()) {
      share.add(left.removeFirst());
    }
  }

  /// How many connections there are.
  public int count() {
    return shares.size();
  }

  /// The streams of one connection, not to be changed.
  public Set<Integer> of(int connection) {
    return Collections.unmodifiableSet(shares.get(connection));
  }
}
