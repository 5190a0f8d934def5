package dev.inkling.finetune.hosted;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a stage knows of its file and its job at the provider, over all attempts and for all
 * experiments that want it.
 *
 * @param tag by which both are found when their ids were lost
 * @param owners the experiments that want it
 * @param ended the ids of jobs that came to nothing, which somebody has been told
 */
record JobNote(
    String tag, Optional<Known> file, Optional<Known> job, Set<String> owners, Set<String> ended) {
  /** The note's file. */
  static final String FILE = "hosted-job.json";

  JobNote {
    owners = new TreeSet<>(owners);
    ended = new TreeSet<>(ended);
  }

  /**
   * Something at the provider.
   *
   * @param since when it was made or found, ISO 8601
   * @param runs the experiments' runs that have seen it alive: those are told when it comes to
   *     nothing, and a later one makes it anew
   */
  record Known(String id, String since, Set<String> runs) {
    Known {
      runs = new TreeSet<>(runs);
    }

    static Known of(String id, Instant since, String run) {
      return new Known(id, since.toString(), Set.of(run));
    }

    Known seenBy(String run) {
      Set<String> all = new TreeSet<>(runs);
      all.add(run);
      return new Known(id, since, all);
    }
  }

  static JobNote of(String tag) {
    return new JobNote(tag, Optional.empty(), Optional.empty(), Set.of(), Set.of());
  }

  JobNote wantedBy(String owner) {
    Set<String> all = new TreeSet<>(owners);
    all.add(owner);
    return new JobNote(tag, file, job, all, ended);
  }

  JobNote unwantedBy(String owner) {
    Set<String> rest = new TreeSet<>(owners);
    rest.remove(owner);
    return new JobNote(tag, file, job, rest, ended);
  }

  JobNote withFile(Optional<Known> known) {
    return new JobNote(tag, known, job, owners, ended);
  }

  JobNote withJob(Known known) {
    return new JobNote(tag, file, Optional.of(known), owners, ended);
  }

  /** The job has come to nothing; another may be made. */
  JobNote withoutJob() {
    Set<String> all = new TreeSet<>(ended);
    job.ifPresent(known -> all.add(known.id()));
    return new JobNote(tag, file, Optional.empty(), owners, all);
  }
}
