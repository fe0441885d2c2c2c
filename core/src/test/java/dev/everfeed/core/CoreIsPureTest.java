package dev.everfeed.core;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// `core` decides and never acts: same inputs, same decisions, on any machine and in any JVM.
class CoreIsPureTest {
  private static final JavaClasses CORE = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("dev.everfeed.core");

  @Test
  void coreUsesOnlyTheJdkBaseAndJSpecify() {
    classes()
        .that()
        .resideInAPackage("dev.everfeed.core..")
        .should()
        .onlyDependOnClassesThat(resideInAPackage("dev.everfeed.core..")
            .or(resideInAPackage("org.jspecify.annotations.."))
            .or(resideInAPackage("java.lang.."))
            .or(resideInAPackage("java.util.."))
            .or(resideInAPackage("java.time.."))
            .or(resideInAPackage("java.math.."))
            .or(resideInAPackage("java.nio.charset..")))
        .check(CORE);
  }

  @Test
  void coreReadsNoClock() {
    noClasses()
        .should()
        .accessTargetWhere(calls(Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now")))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.time.Clock.class)
        .check(CORE);
  }

  @Test
  void coreStartsNoThreadAndWaitsForNothing() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAPackage("java.util.concurrent")
            .or(resideInAPackage("java.util.concurrent.locks"))
            .or(type(Thread.class))
            .or(type(java.util.Timer.class)))
        .check(CORE);
  }

  /// Randomness comes in as an argument, a `RandomGenerator`.
  @Test
  void coreMakesNoRandomness() {
    noClasses()
        .should()
        .dependOnClassesThat(type(java.util.Random.class)
            .or(type(java.util.SplittableRandom.class))
            .or(type(java.util.concurrent.ThreadLocalRandom.class)))
        .orShould()
        .accessTargetWhere(calls(Set.of(
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.lang.System.identityHashCode",
            "java.util.Collections.shuffle")))
        .check(CORE);
  }

  /// The order of a hash table differs between runs and JVMs; `LinkedHashMap` and `TreeMap` do
  /// not.
  @Test
  void coreHasNoHashOrderedCollection() {
    noClasses()
        .should()
        .accessTargetWhere(constructs(Set.of(
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.IdentityHashMap",
            "java.util.WeakHashMap")))
        .orShould()
        .accessTargetWhere(calls(Set.of(
            "java.util.stream.Collectors.toSet",
            "java.util.stream.Collectors.toMap",
            "java.util.stream.Collectors.groupingBy",
            "java.util.Set.of",
            "java.util.Set.copyOf",
            "java.util.Map.of",
            "java.util.Map.copyOf",
            "java.util.Map.ofEntries")))
        .check(CORE);
  }

  @Test
  void modelAndTimeImportNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("dev.everfeed.core.model..")
        .should()
        .dependOnClassesThat(resideInAPackage("dev.everfeed..")
            .and(DescribedPredicate.not(resideInAPackage("dev.everfeed.core.model.."))))
        .check(CORE);
    noClasses()
        .that()
        .resideInAPackage("dev.everfeed.core.time..")
        .should()
        .dependOnClassesThat(resideInAPackage("dev.everfeed..")
            .and(DescribedPredicate.not(resideInAPackage("dev.everfeed.core.time.."))))
        .check(CORE);
  }

  @Test
  void guardAndNormaliseKnowOnlyTheModel() {
    for (String part : Set.of("guard", "normalise")) {
      noClasses()
          .that()
          .resideInAPackage("dev.everfeed.core." + part + "..")
          .should()
          .dependOnClassesThat(resideInAPackage("dev.everfeed..")
              .and(DescribedPredicate.not(resideInAPackage("dev.everfeed.core." + part + ".."))
                  .and(DescribedPredicate.not(resideInAPackage("dev.everfeed.core.model..")))
                  .and(DescribedPredicate.not(resideInAPackage("dev.everfeed.core.time..")))))
          .check(CORE);
    }
  }

  private static DescribedPredicate<JavaClass> type(Class<?> type) {
    return DescribedPredicate.describe(type.getName(), javaClass -> javaClass.isEquivalentTo(type));
  }

  private static DescribedPredicate<JavaAccess<?>> calls(Set<String> names) {
    return DescribedPredicate.describe("one of " + names, access -> {
      AccessTarget target = access.getTarget();
      return names.contains(target.getOwner().getName() + "." + target.getName());
    });
  }

  private static DescribedPredicate<JavaAccess<?>> constructs(Set<String> names) {
    return DescribedPredicate.describe("a new one of " + names, access -> {
      AccessTarget target = access.getTarget();
      return target.getName().equals("<init>")
          && names.contains(target.getOwner().getName());
    });
  }
}
