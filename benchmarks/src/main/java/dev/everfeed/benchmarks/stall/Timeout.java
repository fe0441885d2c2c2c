package dev.everfeed.benchmarks.stall;

/// Convicts line 0 when its silence lasts longer than a limit, which follows from its own past
/// gaps. Looks at nobody else. A gap that convicted is not learnt from.
abstract class Timeout implements Detector {
  private static final long SECOND = 1_000_000_000;

  /// Before so many gaps nobody is convicted.
  private static final int WARM_UP = 100;

  private long last = -1;
  private long gaps;
  private long limit;
  private boolean convicts;

  /// A new gap, in nanoseconds; the limit from now on.
  abstract long learn(double gap);

  @Override
  public void event(int line, long nowNanos) {
    if (line != 0) {
      return;
    }
    if (last >= 0 && !convicts) {
      limit = learn(nowNanos - last);
      gaps++;
    }
    convicts = false;
    last = nowNanos;
  }

  @Override
  public long nextDeadlineNanos() {
    return convicts || gaps < WARM_UP ? Long.MAX_VALUE : last + limit;
  }

  @Override
  public void timePassed(long nowNanos) {
    if (nowNanos >= nextDeadlineNanos()) {
      convicts = true;
    }
  }

  @Override
  public boolean convicts() {
    return convicts;
  }

  /// Always the same.
  static final class Fixed extends Timeout {
    private final long nanos;

    Fixed(int seconds) {
      this.nanos = seconds * SECOND;
    }

    @Override
    long learn(double gap) {
      return nanos;
    }
  }

  /// A multiple of the exponentially weighted mean gap; each new gap weighs 1 in 100.
  static final class Ewma extends Timeout {
    private final double factor;
    private double mean = -1;

    Ewma(double factor) {
      this.factor = factor;
    }

    @Override
    long learn(double gap) {
      mean = mean < 0 ? gap : mean + 0.01 * (gap - mean);
      return (long) (factor * mean);
    }
  }

  /// The last thousand gaps.
  private abstract static class Windowed extends Timeout {
    private final double[] window = new double[1_000];
    private int size;
    private int next;
    private double sum;
    private double squares;

    @Override
    long learn(double gap) {
      if (size == window.length) {
        sum -= window[next];
        squares -= window[next] * window[next];
      } else {
        size++;
      }
      window[next] = gap;
      next = (next + 1) % window.length;
      sum += gap;
      squares += gap * gap;
      double mean = sum / size;
      return limit(mean, Math.sqrt(Math.max(0, squares / size - mean * mean)));
    }

    abstract long limit(double mean, double deviation);
  }

  /// Phi accrual as Akka and Pekko have it: gaps are taken for normal, with a least deviation of
  /// 100 ms and an acceptable pause.
  static final class PhiNormal extends Windowed {
    private final double pause;
    private final double deviations;

    PhiNormal(double phi, int pauseSeconds) {
      this.pause = (double) pauseSeconds * SECOND;
      double wanted = phi * Math.log(10); // e^-y(1.5976 + 0.070566 y^2) = 10^-phi, nearly
      double y = 0;
      while (y * (1.5976 + 0.070566 * y * y) < wanted) {
        y += 0.001;
      }
      this.deviations = y;
    }

    @Override
    long limit(double mean, double deviation) {
      return (long) (mean + pause + deviations * Math.max(deviation, 1e8));
    }
  }

  /// Phi accrual as Cassandra has it: gaps are taken for exponential. After a local pause of
  /// more than 5 s it does not convict for as long again.
  static final class PhiExponential extends Windowed {
    private final double factor;
    private long notBefore = Long.MIN_VALUE;

    PhiExponential(double phi) {
      this.factor = phi * Math.log(10);
    }

    @Override
    long limit(double mean, double deviation) {
      return (long) (factor * mean);
    }

    @Override
    public void stoodStill(long slipNanos, long nowNanos) {
      if (slipNanos > 5 * SECOND) {
        notBefore = nowNanos + 5 * SECOND;
      }
    }

    @Override
    public long nextDeadlineNanos() {
      return Math.max(notBefore, super.nextDeadlineNanos());
    }
  }
}
