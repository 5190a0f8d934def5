package dev.inkling.workflow;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/**
 * What an experiment asks about its machines. Each can be called again after a crash at any point:
 * what is there is looked up by its name and adopted.
 */
@ActivityInterface
public interface ClusterActivities {
  /**
   * A cluster of this generation that is there; one of an earlier generation is ended first. {@link
   * Cluster.State#GONE} if it was made and its worker has ended already: no other one is made of
   * this generation, so that whoever counts knows. Fails with {@link Failures#NO_CAPACITY}, to be
   * tried again, {@link Failures#MISSING_CREDENTIAL}, {@link Failures#REFUSED_BY_PROVIDER} or
   * {@link Failures#PROVIDER_UNAVAILABLE}.
   */
  @ActivityMethod(name = "EnsureCluster")
  Cluster ensure(ClusterRequest request);

  /** What bears the name, of whichever generation; {@link Cluster.State#GONE} for nothing. */
  @ActivityMethod(name = "DescribeCluster")
  Cluster describe(ClusterRequest request);

  /** Ends whatever bears the name; returns when the provider knows of nothing any more. */
  @ActivityMethod(name = "ReleaseCluster")
  void release(ClusterRequest request);

  /**
   * Ends what bears our label and belongs to no running workflow.
   *
   * @return the names of what was ended
   */
  @ActivityMethod(name = "SweepClusters")
  List<String> sweep();
}
