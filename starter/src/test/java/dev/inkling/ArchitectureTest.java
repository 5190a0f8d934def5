package dev.inkling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of dependencies, and what workflow code may touch. */
@AnalyzeClasses(
    packages = "dev.inkling",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.DoNotIncludeTestJars.class
    })
class ArchitectureTest {
  /** The starter's tests use those of the activities, which the build has put into a jar. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String[] ACTIVITIES = {
    "..crash..",
    "..wording..",
    "..judge..",
    "..artifact..",
    "..journal..",
    "..row..",
    "..model..",
    "..ask..",
    "..tensor..",
    "..stage..",
    "..prompt..",
    "..language..",
    "..estimate..",
    "..generate..",
    "..filter..",
    "..finetune..",
    "..evaluate..",
    "..report..",
    "..provision..",
    "..tracking..",
    "..preset..",
    "..activity.."
  };

  @ArchTest
  static final ArchRule theDependencyPointsOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.inkling..")
          .layer("workflows")
          .definedBy("..spec..", "..plan..", "..workflow..")
          .layer("activities")
          .definedBy(ACTIVITIES)
          .layer("worker")
          .definedBy("..worker..")
          .layer("starter")
          .definedBy("..starter..", "..server..", "..serve..")
          .whereLayer("starter")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("worker")
          .mayOnlyBeAccessedByLayers("starter")
          .whereLayer("activities")
          .mayOnlyBeAccessedByLayers("worker", "starter");

  @ArchTest
  static final ArchRule noPackagesGoRoundInACircle =
      slices().matching("dev.inkling.(**)").should().beFreeOfCycles();

  /** A fourth tool is a package of its own; what they share stands in the one above them. */
  @ArchTest
  static final ArchRule noToolThatMakesMachinesKnowsAnother =
      slices().matching("dev.inkling.provision.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule standInsAreForTestsOnly =
      noClasses().should().resideInAPackage("..provision.fake..");

  @ArchTest
  static final ArchRule theWorkflowsModuleKnowsTemporalAndJacksonOnly =
      classes()
          .that()
          .resideInAnyPackage("..spec..", "..plan..", "..workflow..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.inkling.spec..",
              "dev.inkling.plan..",
              "dev.inkling.workflow..",
              "java..",
              "io.temporal..",
              "com.fasterxml.jackson..",
              "org.jspecify..");

  /**
   * What temporal-workflowcheck looks for; that tool was never published, so the rule stands here.
   */
  @ArchTest
  static final ArchRule workflowCodeIsDeterministic =
      noClasses()
          .that()
          .resideInAnyPackage("..spec..", "..plan..", "..workflow..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..", "java.nio.file..", "java.net..", "java.util.concurrent..")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.util.UUID.class, "randomUUID")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Thread.class, java.util.Random.class, java.security.SecureRandom.class);
}
