package dev.everfeed.app.doctor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;

/// Whether somebody keeps this machine's clock right: the kernel is asked (adjtimex(2), which
/// changes nothing where `modes` is 0). How far it is off, the sources tell ([ClockCheck]).
final class TimeCheck implements Check {
  /// `struct timex` of linux/timex.h on 64-bit systems: modes at 0, maxerror at 24, status at 40.
  private static final int TIMEX_BYTES = 208;

  private static final int MAX_ERROR_AT = 24;
  private static final int STATUS_AT = 40;
  private static final int STA_UNSYNC = 0x0040;

  @Override
  public String name() {
    return "time";
  }

  @Override
  @SuppressWarnings("restricted") // one call that reads
  public List<Finding> look() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux")) {
      return List.of(Finding.skipped(name(), "only Linux tells whether its clock is synchronised"));
    }
    Linker linker = Linker.nativeLinker();
    var symbol = linker.defaultLookup().find("adjtimex");
    if (symbol.isEmpty()) {
      return List.of(Finding.skipped(name(), "the C library has no adjtimex"));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timex = arena.allocate(TIMEX_BYTES, Long.BYTES);
      int state = (int) linker
          .downcallHandle(
              symbol.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
          .invokeExact(timex);
      if (state < 0) {
        return List.of(Finding.skipped(name(), "the kernel does not tell a process in here"));
      }
      return List.of(judge(
          timex.get(ValueLayout.JAVA_INT, STATUS_AT),
          timex.get(ValueLayout.JAVA_LONG, MAX_ERROR_AT)));
    } catch (Throwable e) { // MethodHandle's own signature
      return List.of(Finding.skipped(name(), "the kernel could not be asked: " + e));
    }
  }

  /// @param maxErrorMicros what the kernel takes for the largest possible error
  private Finding judge(int status, long maxErrorMicros) {
    return (status & STA_UNSYNC) == 0
        ? Finding.ok(
            name(),
            "the clock is synchronised, off by %,d ms at most".formatted(maxErrorMicros / 1_000))
        : Finding.warn(
            name(),
            "nothing synchronises this machine's clock (the kernel's STA_UNSYNC is set)",
            "run chrony or systemd-timesyncd (`timedatectl set-ntp true`); in a virtual machine or container, on its host");
  }
}
