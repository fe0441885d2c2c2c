package dev.everfeed.hub;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who may know whom in the hub, and who may make threads and read clocks.
class HubArchitectureTest {
  private static final JavaClasses HUB = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("dev.everfeed.hub");

  @Test
  void oneSourceNeverImportsAnother() {
    slices()
        .matching("dev.everfeed.hub.source.(*)..")
        .should()
        .notDependOnEachOther()
        .check(HUB);
  }

  @Test
  void onlyTheListOfSourcesKnowsTheSources() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.everfeed.hub.source.*..")
        .and()
        .doNotHaveSimpleName("KnownSources")
        .and()
        .haveSimpleNameNotStartingWith("KnownSources$")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.everfeed.hub.source.*..")
        .check(HUB);
  }

  @Test
  void nobodyImportsTheAppOrTheSimulator() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.everfeed.app..").or(resideInAPackage("dev.everfeed.simulator..")))
        .check(HUB);
  }

  @Test
  void theRuntimeAloneMakesThreadsAndReadsClocks() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.everfeed.hub.runtime..")
        .should()
        .accessTargetWhere(calls(Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.ZonedDateTime.now",
            "java.lang.Thread.<init>",
            "java.lang.Thread.start",
            "java.lang.Thread.sleep",
            "java.lang.Thread.ofVirtual",
            "java.lang.Thread.ofPlatform",
            "java.util.concurrent.Executors.newFixedThreadPool",
            "java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor",
            "java.util.concurrent.Executors.newSingleThreadScheduledExecutor")))
        .check(HUB);
  }

  private static DescribedPredicate<JavaAccess<?>> calls(Set<String> names) {
    return DescribedPredicate.describe("one of " + names, access -> {
      AccessTarget target = access.getTarget();
      return names.contains(target.getOwner().getName() + "." + target.getName());
    });
  }
}
