package dev.everfeed.hub.runtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Where the program that started this process wants to be told how it is: one datagram to a
/// Unix socket for each message, lines of `NAME=value` (sd_notify(3), and "Notes" there for the
/// protocol that others may speak).
///
/// The JDK has Unix sockets for streams only, so the C library is called: `socket`, `sendto`,
/// `close`, with the constants of Linux, which are the same on x86-64 and AArch64. A library for
/// four calls would have to unpack machine code into a folder from which a hardened service
/// runs none. May be used by any thread; never waits.
final class NotifySocket {
  /// The variable that names the socket.
  static final String VARIABLE = "NOTIFY_SOCKET";

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

  /// Bytes of `sockaddr_un.sun_path`, unix(7).
  private static final int PATH_MOST = 108;

  private static final String ERRNO = "errno";

  private final String name;
  private final byte[] address;

  private NotifySocket(String name, byte[] address) {
    this.name = name;
    this.address = address;
  }

  /// @return empty when nobody wants to be told
  /// @throws IllegalArgumentException when what the variable names is no such socket
  static Optional<NotifySocket> of(Map<String, String> environment) {
    String name = environment.getOrDefault(VARIABLE, "");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    boolean isAbstract = name.startsWith("@");
    if (!isAbstract && !name.startsWith("/")) {
      throw new IllegalArgumentException(
          "%s must be a path, or a name that begins with @, was %s".formatted(VARIABLE, name));
    }
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    // A path ends with a zero; an abstract name begins with one, and ends where the address does.
    byte[] address = new byte[Short.BYTES + path.length + (isAbstract ? 0 : 1)];
    if (address.length - Short.BYTES > PATH_MOST) {
      throw new IllegalArgumentException("%s must be at most %d bytes long, was %d: %s"
          .formatted(VARIABLE, PATH_MOST, path.length, name));
    }
    System.arraycopy(path, 0, address, Short.BYTES, path.length);
    if (isAbstract) {
      address[Short.BYTES] = 0;
    }
    return Optional.of(new NotifySocket(name, address));
  }

  /// Sends one message.
  ///
  /// @param lines `NAME=value`, ended by line feeds
  /// @throws IOException when nobody listens there, or does not keep up
  void send(String lines) throws IOException {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment error = memory.allocate(Native.STATE);
      int socket = (int) Native.SOCKET.invokeExact(error, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (socket < 0) {
        throw failure("socket", error);
      }
      try {
        send(socket, memory.allocateFrom(ValueLayout.JAVA_BYTE, bytes(lines)), error, memory);
      } finally {
        int _ = (int) Native.CLOSE.invokeExact(error, socket);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the C library threw", e); // declared, never done
    }
  }

  private void send(int socket, MemorySegment text, MemorySegment error, Arena memory)
      throws Throwable {
    MemorySegment to = memory.allocate(address.length, Short.BYTES);
    MemorySegment.copy(address, 0, to, ValueLayout.JAVA_BYTE, 0, address.length);
    to.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    long sent = (long) Native.SENDTO.invokeExact(
        error, socket, text, text.byteSize(), MSG_DONTWAIT_NOSIGNAL, to, address.length);
    if (sent < 0) {
      throw failure("sendto", error);
    }
  }

  private static byte[] bytes(String lines) {
    return lines.getBytes(StandardCharsets.UTF_8);
  }

  private IOException failure(String call, MemorySegment error) throws Throwable {
    int number = (int) Native.ERROR_NUMBER.get(error, 0L);
    MemorySegment text = (MemorySegment) Native.STRERROR.invokeExact(number);
    return new IOException(
        "%s %s: %s: %s".formatted(VARIABLE, name, call, text.reinterpret(256).getString(0)));
  }

  @Override
  public String toString() {
    return name;
  }

  /// Looked up when the first message is sent, which most processes never do.
  private static final class Native {
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    static final VarHandle ERROR_NUMBER =
        STATE.varHandle(MemoryLayout.PathElement.groupElement(ERRNO));

    static final MethodHandle SOCKET = call(
        "socket",
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        Linker.Option.captureCallState(ERRNO));
    static final MethodHandle SENDTO = call(
        "sendto",
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT),
        Linker.Option.captureCallState(ERRNO));
    static final MethodHandle CLOSE = call(
        "close",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        Linker.Option.captureCallState(ERRNO));
    static final MethodHandle STRERROR =
        call("strerror", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Native() {}

    private static MethodHandle call(
        String function, FunctionDescriptor shape, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(function), shape, options);
    }
  }
}
