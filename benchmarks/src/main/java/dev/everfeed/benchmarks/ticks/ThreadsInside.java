package dev.everfeed.benchmarks.ticks;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/// The threads of another JVM: their processor time and what they have allocated, exact, by its
/// own management beans over its local agent.
final class ThreadsInside implements AutoCloseable {
  private final JMXConnector connector;
  private final ThreadMXBean threads;

  /// @param cpuNanos since the start of the thread
  /// @param bytes    allocated by it since then
  record Spent(String name, long cpuNanos, long bytes) {}

  @SuppressWarnings("BanJNDI") // what answers is a process that this benchmark has started
  ThreadsInside(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      JMXServiceURL agent = new JMXServiceURL(machine.startLocalManagementAgent());
      machine.detach();
      connector = JMXConnectorFactory.connect(agent);
      threads = ManagementFactory.newPlatformMXBeanProxy(
          connector.getMBeanServerConnection(),
          ManagementFactory.THREAD_MXBEAN_NAME,
          ThreadMXBean.class);
    } catch (AttachNotSupportedException e) {
      throw new IOException("the JVM of process " + pid + " does not let itself be looked into", e);
    }
  }

  /// By number of the thread.
  Map<Long, Spent> spent() {
    long[] ids = threads.getAllThreadIds();
    long[] cpu = threads.getThreadCpuTime(ids);
    long[] bytes = threads.getThreadAllocatedBytes(ids);
    ThreadInfo[] infos = threads.getThreadInfo(ids);
    Map<Long, Spent> spent = new LinkedHashMap<>();
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] != null) {
        spent.put(ids[i], new Spent(infos[i].getThreadName(), cpu[i], bytes[i]));
      }
    }
    return spent;
  }

  /// What the thread that was busiest since then has spent.
  Spent busiestSince(Map<Long, Spent> before) {
    Spent busiest = new Spent("none", 0, 0);
    for (Map.Entry<Long, Spent> now : spent().entrySet()) {
      Spent then = before.getOrDefault(now.getKey(), new Spent("", 0, 0));
      Spent since = new Spent(
          now.getValue().name(),
          now.getValue().cpuNanos() - then.cpuNanos(),
          now.getValue().bytes() - then.bytes());
      busiest = since.cpuNanos() > busiest.cpuNanos() ? since : busiest;
    }
    return busiest;
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
